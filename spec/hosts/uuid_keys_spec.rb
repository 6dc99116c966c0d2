# frozen_string_literal: true

require "rails_helper"
require "support/host_app"
require "support/whole_round"

# Users whose primary keys are UUIDs, and whose addresses are in a column that does not mind letter case: citext on
# PostgreSQL, NOCASE on SQLite.
RSpec.describe "a host with UUIDs as primary keys" do
  include HostApp

  def models(kind)
    kind == :postgresql ? on_postgresql : on_sqlite
    host_model("Member") do
      attribute :id, default: -> { SecureRandom.uuid }
      scope :confirmed, -> { where(confirmed: true) }
    end
  end

  def on_postgresql
    tables.enable_extension("citext")
    host_table(:members, id: :uuid) do |t|
      t.citext :email, index: { unique: true }
      columns(t)
    end
  end

  def on_sqlite
    host_table(:members, id: :string) do |t|
      t.string :email, collation: "NOCASE", index: { unique: true }
      columns(t)
    end
  end

  def columns(table)
    table.boolean :confirmed, null: false, default: true
    table.string :contact
    table.string :level
  end

  let(:sync) do
    stub_const("MemberSync", Class.new(CrmSync::ContactSync)).tap do |sync|
      sync.contacts "Contact"
      sync.model "Member", foreign_key: :contact
      sync.match_by(:id, to: "Member_Id__c", as: :uuid)
      sync.match_by(:email, to: "Email", as: :email) { trust :confirmed }
      sync.attribute :level, from: "Level__c"
    end
  end

  def contact_of(member = nil, email: nil, level: nil)
    record("003", Member_Id__c: member&.id, Email: email, Level__c: level)
  end

  on_each_host_database do |kind|
    before { models(kind) }

    it "finds contacts by id and by address, whose letter case does not count" do
      members = %w[ann@b.edu Bob@B.edu cy@b.edu].map { |email| Member.create!(email:) }
      contacts = [contact_of(email: "ANN@b.edu"), contact_of(email: "bob@b.EDU"), contact_of(members[2])]
      contacts[2]["Member_Id__c"] = "{#{members[2].id.upcase}}"
      salesforce_has(*contacts)
      sync.call
      expect(members.map { |member| member.reload.contact }).to eq(contacts.map { |contact| contact["Id"] })
    end

    it "explains by id and by address" do
      member = Member.create!(email: "ann@b.edu")
      salesforce_has contact_of(email: "Ann@b.edu")
      [member, member.id, "ANN@b.edu"].each { |asked| expect(sync.explain(asked)).to include("user #{member.id}") }
    end

    it "writes one of them alone" do
      members = [Member.create!(email: "ann@b.edu"), Member.create!(email: "bob@b.edu")]
      salesforce_has contact_of(email: "ann@b.edu"), contact_of(email: "bob@b.edu")
      expect(sync.call(only: Member.where(id: members[1].id)).applied.map(&:key)).to eq([members[1].id])
    end

    context "with one by id, one by address, and one whose contact is gone" do
      before do
        gone = contact_of.merge("IsDeleted" => true)
        @members = [Member.create!(email: "ann@b.edu"), Member.create!(email: "Bob@b.edu"),
                    Member.create!(email: "cy@b.edu", contact: gone["Id"], level: "low")]
        @contacts = [contact_of(@members[0], level: "high"), contact_of(email: "bob@b.edu", level: "mid")]
        salesforce_has(*@contacts, gone)
      end

      let(:people) { Member }
      let(:expected) { [[@contacts[0]["Id"], "high"], [@contacts[1]["Id"], "mid"], [nil, "low"]] }

      def stored
        Member.order(:email).pluck(:contact, :level)
      end

      it_behaves_like "a whole round"
    end
  end
end
