# frozen_string_literal: true

require "rails_helper"
require "support/host_app"
require "support/whole_round"

# A forum that keeps the contact's id in a table of names and values, and its users' addresses in another one.
RSpec.describe "a host with ids in a key-value table" do
  include HostApp

  def host_tables
    host_table(:users) { |t| [t.string(:username, null: false), t.boolean(:active, null: false, default: false)] }
    host_table(:user_emails) do |t|
      t.bigint :user_id, null: false, index: true
      t.string :email, null: false
      t.boolean :primary, null: false, default: false
    end
    host_table(:user_custom_fields) do |t|
      t.bigint :user_id, null: false
      t.string :name, null: false
      t.text :value
      t.index :user_id, unique: true, where: "name = 'salesforce_contact_id'", name: "one_contact"
    end
    host_table(:groups) { |t| t.string :name }
    host_table(:group_users) { |t| [t.bigint(:group_id), t.bigint(:user_id)] }
  end

  def user_model
    host_model("UserEmail")
    host_model("UserCustomField")
    host_model("User") do
      has_one :primary_email, -> { where(primary: true) }, class_name: "UserEmail"
      has_one :contact_field, -> { where(name: "salesforce_contact_id") }, class_name: "UserCustomField"
      scope :real, -> { where("users.id > 0") }
      scope :activated, -> { where(active: true) }
    end
  end

  def models
    user_model
    host_model("GroupUser") { belongs_to :user }
    host_model("Group") do
      has_many :group_users
      has_many :users, through: :group_users
      define_method(:add) { |user| users.push(user) unless users.include?(user) }
    end
    Group.create!(name: "customers")
  end

  def person(email, active: true, contact: nil, **columns)
    User.create!(username: email.split("@").first, active:, **columns).tap do |user|
      UserEmail.create!(user_id: user.id, email:, primary: true)
      UserCustomField.create!(user_id: user.id, name: "colour", value: "red")
      UserCustomField.create!(user_id: user.id, name: "salesforce_contact_id", value: contact["Id"]) if contact
    end
  end

  def contact_of(email, **fields)
    record("003", Email: email, Forum_Name__c: nil, **fields)
  end

  def fields_of(*users)
    users.map do |user|
      UserCustomField.where(user_id: user.id).order(:name).pluck(:name, :value).to_h.except("colour")
    end
  end

  let(:sync) { recipe("discourse") }

  on_each_host_database do
    before do
      host_tables
      models
    end

    it "makes the row of who gets a contact, and puts the user into the group" do
      user = person("ann@b.edu")
      salesforce_has(contact = contact_of("ANN@b.edu"))
      expect(sync.call.applied.map(&:action)).to eq(%i[link])
      expect(fields_of(user)).to eq([{ "salesforce_contact_id" => contact["Id"] }])
      expect(Group.first.users).to eq([user])
    end

    it "tells the contact the forum's name, unless it has one" do
      %w[ann@b.edu bob@b.edu].each { |email| person(email) }
      salesforce_has contact_of("ann@b.edu"), contact_of("bob@b.edu", Forum_Name__c: "bobby")
      sync.call
      expect(salesforce.records("Contact").map { |row| row["Forum_Name__c"] }).to eq(%w[ann bobby])
    end

    it "deletes the row of whose contact is gone, and no other" do
      gone = contact_of("cy@b.edu")
      user = person("cy@b.edu", contact: gone)
      salesforce_has gone.merge("IsDeleted" => true), contact_of("x@b.edu")
      expect(sync.call.applied.map(&:action)).to eq(%i[unlink])
      expect(UserCustomField.where(user_id: user.id).pluck(:name)).to eq(%w[colour])
    end

    it "follows a contact that was merged" do
      winner = contact_of("ann@b.edu")
      loser = contact_of("cy@b.edu", IsDeleted: true, MasterRecordId: winner["Id"])
      user = person("cy@b.edu", contact: loser)
      salesforce_has winner, loser
      expect(sync.call.applied.map(&:action)).to eq(%i[relink])
      expect(fields_of(user)).to eq([{ "salesforce_contact_id" => winner["Id"] }])
    end

    it "lets two users change places who have each other's contacts, also where no two rows may have one" do
      tables.add_index(:user_custom_fields, :value, unique: true, where: "name = 'salesforce_contact_id'", name: "sole")
      contacts = %w[ann bob].map { |name| contact_of("office@b.edu", Forum_Name__c: name) }
      users = %w[ann bob].zip(contacts.reverse).map { |name, contact| person("#{name}@b.edu", contact:) }
      salesforce_has(*contacts)
      strict = stub_const("StrictSync", Class.new(sync))
      strict.match_by(:username, to: "Forum_Name__c", evidence: true)
      expect(strict.call).to have_attributes(status: :applied, errors: [], stale: {})
      expect(fields_of(*users)).to eq(contacts.map { |contact| { "salesforce_contact_id" => contact["Id"] } })
    end

    it "links nobody who is not activated, or not real, and goes by the primary address" do
      users = [person("ann@b.edu", active: false), person("bot@b.edu", id: -1), person("cy@b.edu")]
      UserEmail.create!(user_id: users.last.id, email: "other@b.edu")
      salesforce_has(*%w[ann@b.edu bot@b.edu other@b.edu].map { |email| contact_of(email) })
      expect(sync.call.status).to eq(:unchanged)
      expect(fields_of(*users)).to eq([{}, {}, {}])
    end

    context "with a user who gets a contact, one who gets another, and one whose contact is gone" do
      before do
        gone = [contact_of("bob@b.edu"), contact_of("cy@b.edu")].map { |contact| contact.merge("IsDeleted" => true) }
        person("ann@b.edu")
        person("bob@b.edu", contact: gone.first)
        person("cy@b.edu", contact: gone.last)
        @contacts = [contact_of("ann@b.edu"), contact_of("bob@b.edu")]
        salesforce_has(*@contacts, *gone)
      end

      let(:people) { User }
      let(:expected) { [*@contacts.map { |contact| { "salesforce_contact_id" => contact["Id"] } }, {}] }

      def stored
        fields_of(*User.order(:id))
      end

      it_behaves_like "a whole round"
    end
  end
end
