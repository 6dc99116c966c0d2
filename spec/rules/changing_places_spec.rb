# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# Rule 5 with evidence, where the contact that a user is to have is still another user's.
RSpec.describe "users whose stored ids are each other's" do
  include ContactSyncWorld

  def by_uuid(way, &more)
    stub_const("UuidSync", Class.new(CrmSync::ContactSync)).tap do |sync|
      sync.contacts "Contact"
      sync.model "User", foreign_key: :salesforce_contact_id
      sync.match_by :uuid, to: "Accounts_UUID__c", as: :uuid, evidence: true
      sync.attribute :last_name, from: "LastName"
      sync.write way
      sync.class_exec(&more) if more
    end
  end

  # Users, each with a contact that carries the uuid.
  def world(count)
    @users = Array.new(count) { create_user(uuid: SecureRandom.uuid) }
    @contacts = @users.each_with_index.map do |user, number|
      contact("c#{number}@b.edu", "Accounts_UUID__c" => user.uuid, "LastName" => "Name #{number}")
    end
    salesforce_has(*@contacts)
  end

  def store(contacts)
    @users.zip(contacts) { |user, row| user.update_columns(salesforce_contact_id: row && row["Id"]) }
  end

  def links = @users.map { |user| user.reload.salesforce_contact_id }

  def ids_of(contacts) = contacts.map { |row| row && row["Id"] }

  on_each_database do |kind|
    using_database kind, fresh: true

    before(:context) { User.connection.add_index(:users, :salesforce_contact_id, unique: true, name: "one_user") }

    (kind == :postgresql ? %i[records set_based] : %i[records]).each do |way|
      { "in pairs" => [4, ->(all) { all.each_slice(2).flat_map(&:reverse) }],
        "in a ring" => [5, :rotate.to_proc],
        "off by one" => [5, ->(all) { [*all.drop(1), nil] }],
        "off by one the other way" => [5, ->(all) { [nil, *all[0...-1]] }] }.each do |what, (count, wrong)|
        it "get their own in one run, #{what}, and go back when it is undone, with #{way}" do
          world(count)
          store(wrong.call(@contacts))
          before = ids_of(wrong.call(@contacts))
          sync = by_uuid(way)
          run = sync.call(allow: { relink: 99 })
          expect(run).to have_attributes(status: :applied, stale: {}, errors: [], applied: have_attributes(size: count))
          expect(run.applied.count { |change| change.action == :relink }).to eq(before.compact.size)
          expect(links).to eq(ids_of(@contacts))
          expect(@users.map(&:last_name)).to eq(Array.new(count) { |number| "Name #{number}" })
          expect(sync.plan).to be_empty
          undone = run.undo!
          expect(undone).to have_attributes(stale: {}, errors: [])
          expect(links).to eq(before)
        end
      end
    end
  end

  context "with a scope" do
    using_database :sqlite

    it "take a value of a user outside of the scope for nobody's" do
      stub_const("Member", Class.new(User))
      Member.scope(:kept, -> { where(is_test: nil) })
      world(2)
      @users[1].update_columns(is_test: true)
      salesforce_has(@contacts[0].merge("Email" => "ann@b.edu"), @contacts[1].merge("Email" => "bob@b.edu"))
      newcomer = create_user(email: "bob@b.edu")
      sync = by_uuid(:records) do
        declaration.instance_variable_set(:@said, [])
        model "Member", foreign_key: :salesforce_contact_id, scope: :kept
        match_by(:contact_infos, column: :value, to: %w[Email]) { trust :verified }
        keys_disagree :link
      end
      Member.has_many(:contact_infos, foreign_key: :user_id)
      expect(sync.plan.changes.map { |change| [change.key, change.contact_id] })
        .to eq([[@users[0].id, @contacts[0]["Id"]], [newcomer.id, @contacts[1]["Id"]]])
    end
  end
end
