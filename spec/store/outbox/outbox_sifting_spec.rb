# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# Decides again about each row of the outbox when it goes: it follows merges, and goes only while its cause still holds.
# A row that is given up is told.
RSpec.describe "what waits to be written back" do
  include ContactSyncWorld

  def merged(contact, into:)
    contact.merge("IsDeleted" => true, "MasterRecordId" => into["Id"])
  end

  # A run by which ann is confirmed, and of which nothing has been sent: in a transaction of the host's nothing is.
  def confirmed(*others, user: {})
    @ann = contact("ann@b.edu", faculty: "Confirmed")
    @user = create_user(email: "ann@b.edu", **user)
    create_user(email: "zoe@b.edu") # a side that is empty would block the run
    salesforce_has @ann, *others
    User.transaction { sync }
    expect(@user.reload).to be_confirmed_faculty
    expect(rows.count).to eq(1)
  end

  def rows = CrmSync::OutboxRow.order(:id)

  def withdrawn(run)
    expect(run.errors).to eq([])
    expect(run.issues.map(&:kind)).to include(:withdrawn)
    expect([rows.count, verification_mails]).to eq([0, []])
    run.issues.find { |issue| issue.kind == :withdrawn }
  end

  on_each_database do
    it "goes to the contact's winner where it was merged, whatever attempts failed before, and without an error" do
      winner = contact("elsewhere@b.edu", faculty: "Confirmed")
      confirmed(winner)
      rows.update_all(attempts: 4, next_attempt_at: 1.minute.ago, last_error: "entity is deleted")
      salesforce_has winner, merged(@ann, into: winner)
      expect(sync).to have_attributes(status: :applied, issues: [])
      expect(verification_mails).to eq([[winner["Id"], "ann@b.edu"]])
      expect(rows).to be_empty
    end

    {
      "a cause that is no JSON" => { cause: "{" }, "a cause that is another JSON" => { cause: "[]" },
      "a cause without a user" => { cause: "{}" }, "an impossible user" => { cause: %({"key":"#{"9" * 20}"}) },
      "fields that are no JSON" => { fields: '{"Fax":', cause: nil },
      "fields that are a list" => { fields: "[]", cause: nil },
      "a list in a field" => { fields: '{"Fax":[1]}', cause: nil }, "an id that is none" => { record_id: "0034C0" }
    }.each do |what, columns|
      it "goes also beside a row with #{what}, which is an error of its own" do
        confirmed(contact("bob@b.edu", faculty: "Confirmed"))
        broken = CrmSync::OutboxRow.create!(rows.first.attributes.except("id").merge(
                                              "record_id" => salesforce_id("003"), **columns.transform_keys(&:to_s)
                                            ))
        run = sync
        expect([run.status, verification_mails]).to eq([:partial, [[@ann["Id"], "ann@b.edu"]]])
        expect(run.errors.map(&:message)).to match([/Contact #{broken.record_id} did not work and will be sent again/])
        expect(rows.pluck(:id, :attempts)).to eq([[broken.id, 1]])
      end
    end

    it "goes with the newest value where the contact's id stands there in both spellings" do
      salesforce_has ann = contact("ann@b.edu")
      [ann["Id"], ann["Id"].first(15), ann["Id"]].each.with_index(1) do |record_id, fax|
        host = CrmSync::Salesforce.settings.host
        CrmSync::OutboxRow.create!(sync: "UpdateUserSalesforceInfo", host:, record_id:, object: "Contact",
                                   fields: %({"Fax":"#{fax}"}))
      end
      sync
      expect([writes_to(salesforce).to_a, rows.count]).to eq([[[ann["Id"], { "Fax" => "3" }]], 0])
    end

    it "goes with what waits for the winner, and behind it" do
      winner = contact("elsewhere@b.edu", faculty: "Confirmed")
      confirmed(winner)
      CrmSync::OutboxRow.create!(rows.first.attributes.except("id", "cause").merge(
                                   "record_id" => winner["Id"], "attempts" => 1, "next_attempt_at" => 1.hour.from_now
                                 ))
      salesforce_has winner, merged(@ann, into: winner)
      sync
      expect([verification_mails,
              rows.pluck(:record_id, :attempts)]).to eq([[], [[winner["Id"], 0], [winner["Id"], 1]]])
      rows.update_all(next_attempt_at: nil)
      sync
      expect([verification_mails.size, rows.count]).to eq([1, 0])
    end

    it "does not go before an older one that cannot be decided, which would undo it later" do
      confirmed
      CrmSync::OutboxRow.create!(rows.first.attributes.except("id", "cause").merge("fields" => '{"Fax":"newer"}'))
      allow_any_instance_of(User).to receive(:guessed_preferred_confirmed_email).and_raise("not today")
      sync
      expect([writes_to(salesforce), rows.pluck(:attempts)]).to eq([[], [1, 0]])
    end

    it "goes beside one whose cause cannot be read, which is that row's own error" do
      confirmed
      cause = JSON.parse(rows.first.cause).merge("value" => { "bytes" => "?" })
      CrmSync::OutboxRow.create!(rows.first.attributes.except("id").merge("cause" => JSON.generate(cause)))
      expect(sync.errors.size).to eq(1)
      expect([verification_mails.size, rows.pluck(:attempts)]).to eq([1, [1]])
    end

    it "does not go where Salesforce rejects the user meanwhile" do
      confirmed
      salesforce_has @ann.merge("Faculty_Verified__c" => "Rejected")
      issue = withdrawn(sync)
      expect(issue).to have_attributes(users: [@user.id], contacts: [@ann["Id"]])
      expect(issue.message).to match(/1 write-back .* #{@ann["Id"]} will not be sent, because faculty_status is/)
    end

    it "does not go where the address is trusted no more, or is another's by stronger trust" do
      confirmed
      @user.contact_infos.update_all(verified: false)
      expect(withdrawn(sync).message).to include("no longer trusted")
    end

    it "does not go where the address has become another one, though that is trusted" do
      confirmed
      @user.contact_infos.first.update_columns(value: "new@b.edu")
      expect(withdrawn(sync).message).to include("no longer trusted")
    end

    it "does not go where the user is gone" do
      confirmed
      @user.contact_infos.delete_all
      @user.delete
      expect(withdrawn(sync).message).to include("the user is gone")
    end

    it "does not go where somebody has given the user another contact" do
      other = contact(nil, faculty: "Confirmed")
      confirmed(other)
      @user.update_columns(salesforce_contact_id: other["Id"])
      expect(withdrawn(sync).message).to include("another contact")
    end

    it "does not go where the run is undone" do
      confirmed
      UpdateUserSalesforceInfo.runs.first.undo!
      expect(withdrawn(sync).message).to include("no contact any more")
    end

    it "is no reason to fail for the others, when the host's own method does" do
      confirmed
      bob = contact("bob@b.edu", faculty: "Confirmed")
      create_user(email: "bob@b.edu")
      salesforce_has @ann, bob
      trouble = @user.id
      allow_any_instance_of(User).to receive(:guessed_preferred_confirmed_email) do |user|
        raise "no such address" if user.id == trouble

        "bob@b.edu"
      end
      run = sync
      expect(run.errors.map(&:message)).to match([/Contact #{@ann["Id"]} did not work and will be sent again/])
      expect([verification_mails, rows.pluck(:attempts)]).to eq([[[bob["Id"], "bob@b.edu"]], [1]])
    end

    it "says what it says of the user today" do
      confirmed
      create_email(@user, "newer@b.edu").update!(confirmation_sent_at: Time.current)
      sync
      expect(verification_mails).to eq([[@ann["Id"], "newer@b.edu"]])
    end

    it "goes also where the change itself took the user out of the model's default scope," do
      stub_const("Applicant", Class.new(User) do
                                default_scope do
                                  where(faculty_status: :no_faculty_info, is_test: nil)
                                end
                              end)
      Applicant.has_many :contact_infos, foreign_key: :user_id
      sync = scoped_sync
      salesforce_has contact("ann@b.edu", faculty: "Confirmed")
      create_user(email: "ann@b.edu")
      create_user(email: "zoe@b.edu")
      User.transaction { sync.call }
      sync.call
      expect(salesforce.requests.count { |request| request["method"] == "PATCH" }).to eq(1)
    end

    def scoped_sync
      stub_const("ScopedSync", Class.new(CrmSync::ContactSync)).tap do |sync|
        sync.contacts "Contact"
        sync.model "Applicant", foreign_key: :salesforce_contact_id
        sync.match_by(:contact_infos, column: :value, to: %w[Email]) { trust :verified }
        sync.attribute :faculty_status, from: "Faculty_Verified__c", map: { "Confirmed" => :confirmed_faculty }
        sync.write_back "Fax", with: :uuid, on: { faculty_status: :confirmed_faculty }
      end
    end
  end
end
