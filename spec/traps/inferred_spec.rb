# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# Covers mistakes that are inferred from reading the old routine and its successor, though nobody reported them.
RSpec.describe "The inferred traps" do
  include ContactSyncWorld

  on_each_database do |kind|
    using_database kind, fresh: true

    describe "An audit row was written before a save that failed" do
      it "keeps change, audit row and write-back together: all of them or none, and the others go on" do
        failing = create_user(email: "failing@b.edu").tap { |user| spoil(user) }
        fine = create_user(email: "fine@b.edu")
        salesforce_has contact("failing@b.edu", faculty: "Confirmed"), contact("fine@b.edu", faculty: "Confirmed")
        run = sync
        expect(run.status).to eq(:partial)
        expect(run.errors.map(&:key)).to eq([failing.id])
        expect(failing.reload).to have_attributes(salesforce_contact_id: nil, faculty_status: "no_faculty_info")
        expect(SecurityLog.pluck(:user_id)).to eq([fine.id])
        expect(verification_mails.map(&:last)).to eq(["fine@b.edu"])
      end
    end

    describe "An audit row could fail when the change was saved already" do
      it "takes the change back" do
        user = create_user(email: "ann@b.edu")
        salesforce_has contact("ann@b.edu", faculty: "Confirmed")
        audited = sync_that do
          attribute :faculty_status, from: "Faculty_Verified__c", map: { "Confirmed" => :confirmed_faculty }
          after_transition(:faculty_status, to: :confirmed_faculty) { |record| SecurityLog.create!(user: record) }
        end
        run = audited.call
        expect(run.errors.map(&:key)).to eq([user.id])
        expect(user.reload).to have_attributes(salesforce_contact_id: nil, faculty_status: "no_faculty_info")
      end
    end
  end

  using_database :sqlite

  describe "A contact id of 15 characters, as an admin types it, was reset at the next run" do
    let(:ann) { contact("ann@b.edu", faculty: "Confirmed") }

    it "is the same id as that of 18" do
      user = linked_user({ "Id" => ann["Id"].first(15) }, school_type: :college)
      salesforce_has ann.merge("School_Type__c" => "High School")
      expect(actions(sync.applied)).to eq(user => :update)
      expect(user.reload).to have_attributes(faculty_status: "confirmed_faculty", school_type: "high_school")
      expect(ann["Id"]).to start_with(user.salesforce_contact_id) # as it was spelled, or in full
      expect(sync.status).to eq(:unchanged)
    end

    it "keeps the contact from others as the long one does" do
      linked_user({ "Id" => ann["Id"].first(15) })
      other = create_user(email: "ann@b.edu")
      salesforce_has ann
      sync
      expect(other.reload.salesforce_contact_id).to be_nil
    end

    it "is another id when its letters have another case" do
      near = ann["Id"].first(15).swapcase
      user = linked_user({ "Id" => near })
      salesforce_has ann
      expect(actions(sync.applied)).to eq(user => :unlink)
    end

    it "is reported and left alone where it is not an id at all" do
      user = linked_user({ "Id" => "ask Jane" }, email: "ann@b.edu", faculty_status: :confirmed_faculty)
      salesforce_has ann.merge("Faculty_Verified__c" => "Rejected")
      run = nil
      expect { run = sync }.not_to(change { user.reload.attributes })
      expect(users_of(run.issues, :invalid_contact_id)).to eq([[user.id]])
    end
  end

  describe "A verification mail that Salesforce refused was lost for ever" do
    # Those before the outbox tries again.
    def pauses_pass
      CrmSync::OutboxRow.update_all(next_attempt_at: 1.second.ago)
    end

    before do
      @user = create_user(email: "ann@b.edu")
      @ann = contact("ann@b.edu", faculty: "Confirmed")
    end

    it "is asked for again in later runs, until it has worked, and then never again" do
      salesforce_has @ann, faults: [{ on: :update, times: 6, answer: { status: { status: 500 } } }]
      runs = Array.new(2) { sync.tap { pauses_pass } }
      expect(runs.map(&:status)).to eq(%i[partial partial])
      expect(runs.map { |run| run.problems.join }).to all(include("will be sent again"))
      expect(@user.reload).to be_confirmed_faculty
      expect(verification_mails).to be_empty
      3.times { sync }
      expect(verification_mails).to eq([[@ann["Id"], "ann@b.edu"]])
      expect(CrmSync::OutboxRow.count).to eq(0)
    end

    it "is asked for by the next run where the process ended before it could be" do
      salesforce_has @ann
      row = { sync: "UpdateUserSalesforceInfo", host: CrmSync::Salesforce.settings.host, object: "Contact",
              record_id: @ann["Id"], fields: JSON.generate("SendFacultyVerificationTo__c" => "ann@b.edu") }
      CrmSync::OutboxRow.create!(row)
      @user.update!(salesforce_contact_id: @ann["Id"], faculty_status: :confirmed_faculty)
      sync
      expect(verification_mails).to eq([[@ann["Id"], "ann@b.edu"]])
    end

    it "does not stop the mails of others" do
      create_user(email: "bob@b.edu")
      bob = contact("bob@b.edu", faculty: "Confirmed")
      refusal = { status: 400, body: JSON.generate([{ errorCode: "INVALID_FIELD", message: "no such field" }]) }
      salesforce_has @ann, bob, faults: [{ on: :update, times: 2, answer: { status: refusal } }] # list, record
      sync
      expect(verification_mails.size).to eq(1)
      pauses_pass
      sync
      expect(verification_mails).to contain_exactly([@ann["Id"], "ann@b.edu"], [bob["Id"], "bob@b.edu"])
    end

    it "is not asked for where a run was blocked" do
      salesforce_has @ann
      sync
      salesforce_has
      expect(sync.status).to eq(:blocked)
      expect(verification_mails.size).to eq(1)
    end
  end

  describe "Which status may follow which was nowhere said" do
    it "makes no transition that the declaration protects from, and counts it" do
      rows = ["Pending", nil, "Rejected"].map { |faculty| contact(faculty:) }
      users = rows.map { |row| linked_user(row, faculty_status: :confirmed_faculty) }
      salesforce_has(*rows)
      guarded = sync_that do
        attribute :faculty_status, from: "Faculty_Verified__c", privileged: :confirmed_faculty,
                                   map: { "Pending" => :pending_faculty, "Rejected" => :rejected_faculty,
                                          nil => :no_faculty_info }
        protect :faculty_status, from: :confirmed_faculty, to: %i[pending_faculty no_faculty_info]
      end
      run = guarded.call
      statuses = users.map { |user| user.reload.faculty_status }
      expect(statuses).to eq(%w[confirmed_faculty confirmed_faculty rejected_faculty])
      expect(run.ledger[:users].notes).to include(protected_transitions: 2)
    end
  end

  describe "A window of dates missed deletions, merges, formulas and late rows" do
    it "reads whole, and so notices that a contact is gone, however long ago the others changed" do
      gone = contact("gone@b.edu", faculty: "Confirmed")
      stays = contact("stays@b.edu", faculty: "Confirmed", "LastModifiedDate" => "2001-01-01T00:00:00.000+0000")
      users = [linked_user(gone, email: "gone@b.edu"), linked_user(stays)]
      salesforce_has gone, stays
      sync
      salesforce_has stays.merge("School_Type__c" => "Home School")
      sync
      expect(users.first.reload).to have_attributes(salesforce_contact_id: nil, faculty_status: "no_faculty_info")
      expect(users.last.reload).to be_home_school
    end
  end
end
