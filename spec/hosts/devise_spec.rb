# frozen_string_literal: true

require "rails_helper"
require "support/host_app"
require "support/whole_round"

# The commonest app: one address for each user, which Devise has confirmed; users who are deleted softly; and in
# Salesforce an external id, which is the user's.
RSpec.describe "a host with Devise" do
  include HostApp

  def models
    host_table(:users) do |t|
      t.string :email, null: false
      t.datetime :confirmed_at
      t.datetime :deleted_at
      t.string :plan, null: false, default: "free"
      t.string :salesforce_contact_id
      t.index :email, unique: true, where: "deleted_at IS NULL"
      t.index :salesforce_contact_id, unique: true, where: "deleted_at IS NULL"
    end
    host_model("User") do
      scope :confirmed, -> { where.not(confirmed_at: nil) }
      scope :kept, -> { where(deleted_at: nil) }
    end
  end

  def person(email, confirmed_at: Time.current, **columns)
    User.create!(email:, confirmed_at:, **columns)
  end

  def contact_of(user = nil, email: nil, plan: nil)
    record("003", App_User_Id__c: user&.id, Email: email, Plan__c: plan)
  end

  let(:sync) { recipe("devise") }

  on_each_host_database do
    before { models }

    it "finds a contact by the user's id, however that is written, whatever the address" do
      users = Array.new(3) { |n| person("user#{n}@b.edu") }
      contacts = users.map { |user| contact_of(user, email: "somebody@b.edu") }
      contacts[0]["App_User_Id__c"] = users[0].id.to_f
      contacts[1]["App_User_Id__c"] = " #{users[1].id} "
      salesforce_has(*contacts)
      sync.call
      expect(users.map { |user| user.reload.salesforce_contact_id }).to eq(contacts.map { |contact| contact["Id"] })
    end

    it "finds a contact by a confirmed address, and by no other" do
      users = [person("ann@b.edu"), person("bob@b.edu", confirmed_at: nil)]
      salesforce_has(ann = contact_of(email: "Ann@b.edu"), contact_of(email: "bob@b.edu"))
      sync.call
      expect(users.map { |user| user.reload.salesforce_contact_id }).to eq([ann["Id"], nil])
    end

    it "gives the contact to who signed up again" do
      old = person("ann@b.edu", deleted_at: 1.day.ago)
      salesforce_has(contact = contact_of(old, email: "ann@b.edu"))
      old.update!(salesforce_contact_id: contact["Id"])
      user = person("ann@b.edu")
      run = sync.call
      expect([run.errors, run.applied.map(&:key)]).to eq([[], [user.id]])
      expect([old, user].map { |one| one.reload.salesforce_contact_id }).to eq([contact["Id"]] * 2)
    end

    it "gives a contact with another user's id to nobody by its address" do
      owner = person("ann@b.edu")
      other = person("bob@b.edu")
      salesforce_has(contact = contact_of(owner, email: "bob@b.edu"))
      run = sync.call
      expect([owner, other].map { |user| user.reload.salesforce_contact_id }).to eq([contact["Id"], nil])
      expect(run.issues.map(&:kind)).to include(:shared_contact).or include(:held_user)
    end

    it "does not let an address that two contacts have cost a user the contact with the id" do
      user = person("office@b.edu")
      salesforce_has(own = contact_of(user, email: "office@b.edu"), contact_of(email: "office@b.edu"))
      sync.call
      expect(user.reload.salesforce_contact_id).to eq(own["Id"])
    end

    it "follows the plan, leaves it where the contact says what nobody knows, and takes it back with the contact" do
      users = Array.new(3) { |n| person("user#{n}@b.edu") }
      gold, odd, gone = users.zip(%w[Gold Platinum Gold]).map { |user, plan| contact_of(user, plan:) }
      salesforce_has gold, odd, gone
      expect(sync.call.issues.map(&:kind)).to eq(%i[unknown_value])
      expect(users.map { |user| user.reload.plan }).to eq(%w[gold free gold])
      salesforce_has gold, odd, gone.merge("IsDeleted" => true)
      sync.call
      expect(users.last.reload).to have_attributes(plan: "free", salesforce_contact_id: nil)
    end

    context "with a user by id, one by address, and one whose contact is gone" do
      before do
        gone = contact_of.merge("IsDeleted" => true)
        ann = person("ann@b.edu")
        person("bob@b.edu")
        person("cy@b.edu", salesforce_contact_id: gone["Id"], plan: "gold")
        @contacts = [contact_of(ann, plan: "Gold"), contact_of(email: "BOB@b.edu", plan: "Silver")]
        salesforce_has(*@contacts, gone)
      end

      let(:people) { User }
      let(:expected) { [[@contacts[0]["Id"], "gold"], [@contacts[1]["Id"], "silver"], [nil, "free"]] }

      def stored
        User.order(:id).pluck(:salesforce_contact_id, :plan)
      end

      it_behaves_like "a whole round"
    end
  end
end
