# frozen_string_literal: true

require "rails_helper"
require "support/host_world"

# Tries the columns and associations that a host can have its keys in.
RSpec.describe "a host's keys" do
  include HostWorld

  let(:way) { :records }

  def sync_by(*key, **options, &trust) # rubocop:disable Naming/BlockForwarding -- Ruby 3.3.0 forbids it
    stub_const("PersonSync", Class.new(CrmSync::ContactSync)).tap do |sync|
      sync.contacts "Contact"
      sync.write way
      sync.model "Person", foreign_key: :contact
      sync.match_by(*key, **options, &trust) # rubocop:disable Naming/BlockForwarding
    end
  end

  # Plans, keeps the plan, applies it, explains, and takes it back. Returns who got which contact.
  def through_its_paces(sync)
    run = applied_from_a_file(sync)
    expect([run.status, run.errors]).to eq([:applied, []])
    expect_settled(sync, run)
    run.undo!
    expect(Person.unscoped.where.not(contact: nil).count).to eq(0)
    run.applied.to_h { |change| [change.key, change.contact_id] }
  end

  def expect_settled(sync, run)
    expect(sync.plan.changes).to eq([])
    expect(run.applied.map { |change| sync.explain(change.key) }).to all(include("linked to contact"))
  end

  def applied_from_a_file(sync)
    path = File.join(scratch, "sync.plan")
    sync.plan.save(path)
    CrmSync::Plan.load(path).apply
  end

  def needed
    stub_const("CrmSync::Contacts::Need::FEW", 0)
    stub_const("CrmSync::Contacts::Need::SHARE", 1000.0)
  end

  # The changes, read in both ways.
  def read_in_both_ways(sync)
    all = sync.plan
    needed
    some = sync.plan
    expect([some.changes, some.issues].map { |list| list.map(&:to_s) })
      .to eq([all.changes, all.issues].map { |list| list.map(&:to_s) })
  end

  on_each_host_database do |kind|
    (kind == :postgresql ? BothWriters::WAYS : %i[records]).each do |way|
      describe "with write :#{way}" do
        let(:way) { way }

        it "can be an address on the model, as Devise has it, trusted where a scope says so" do
          people_table { |t| [t.string(:email), t.datetime(:confirmed_at)] }
          Person.scope(:confirmed, -> { where.not(confirmed_at: nil) })
          ann = Person.create!(email: " Ann@B.edu", confirmed_at: Time.current)
          Person.create!(email: "bob@b.edu")
          salesforce_has(*%w[ann@b.edu bob@b.edu].map { |email| contact(email) })
          sync = sync_by(:email, to: "Email", as: :email) { trust :confirmed }
          read_in_both_ways(sync)
          expect(through_its_paces(sync).keys).to eq([ann.id])
        end

        it "may stand beside the lead that the app has made, in either spelling" do
          people_table { |t| [t.string(:email), t.string(:lead)] }
          contacts = Array.new(3) { contact("work@b.edu") }
          leads = contacts.map { |row| lead(nil, status: "Converted", "ConvertedContactId" => row["Id"]) }
          one, two, three = leads.pluck("Id")
          stored = [one, two.first(15), " #{three}\n", one.swapcase, "none", ""]
          people = stored.map { |id| Person.create!(lead: id) }
          salesforce_has(*contacts, *leads)
          sync = sync_by(:email, to: "Email", as: :email)
          sync.leads "Lead", foreign_key: :lead
          read_in_both_ways(sync)
          expect(through_its_paces(sync)).to eq(people.first(3).map(&:id).zip(contacts.pluck("Id")).to_h)
        end

        it "can be a uuid, in whatever letter case" do
          people_table { |t| t.column(:uuid, kind == :postgresql ? :uuid : :string) }
          people = Array.new(3) { Person.create!(uuid: SecureRandom.uuid) }
          upper, bare, braced = people.map(&:uuid)
          contacts = [upper.upcase, bare.delete("-"), "{#{braced}}"].map { |uuid| contact("Uuid__c" => uuid) }
          salesforce_has(*contacts)
          sync = sync_by(:uuid, to: "Uuid__c", as: :uuid)
          read_in_both_ways(sync)
          expect(through_its_paces(sync)).to eq(people.map(&:id).zip(contacts.map { |row| row["Id"] }).to_h)
        end

        it "can be the primary key, which Salesforce has as a number or a text" do
          people_table
          people = Array.new(3) { Person.create! }
          one, two, three = people.map(&:id)
          salesforce_has contact("Id__c" => one), contact("Id__c" => " #{two} "), contact("Id__c" => three.to_f),
                         contact("Id__c" => 3.5), contact("Id__c" => "x")
          sync = sync_by(:id, to: "Id__c")
          read_in_both_ways(sync)
          expect(sync.plan.issues.map(&:kind)).to eq([:malformed_key])
          expect(through_its_paces(sync).keys).to eq(people.map(&:id))
        end

        describe "in an association" do
          def plans(sync)
            read_in_both_ways(sync)
            through_its_paces(sync)
          end

          it "can be in a has_one" do
            people_table
            Person.has_one :mail
            ann = person("ann@b.edu")
            salesforce_has contact("ann@b.edu")
            expect(plans(sync_by(:mail, column: :address, to: "Email")).keys).to eq([ann.id])
          end

          it "can be in a polymorphic one, of whose rows only the model's own count" do
            people_table
            tables.create_table(:notes, force: true) { |t| [t.references(:owner, polymorphic: true), t.string(:value)] }
            stub_const("Note", Class.new(ActiveRecord::Base))
            Person.has_many :notes, as: :owner
            ann, bob = Array.new(2) { Person.create! }
            ann.notes.create!(value: "ann@b.edu")
            Note.create!(owner_type: "Other", owner_id: bob.id, value: "bob@b.edu")
            salesforce_has contact("ann@b.edu"), contact("bob@b.edu")
            expect(plans(sync_by(:notes, column: :value, to: "Email")).keys).to eq([ann.id])
          end

          def homes_and_rooms
            people_table { |t| t.bigint :home_id }
            tables.create_table(:homes, force: true) { |t| t.string(:code) }
            tables.create_table(:rooms, force: true) { |t| [t.bigint(:home_id), t.string(:name)] }
            stub_const("Room", Class.new(ActiveRecord::Base) { scope :named, -> { where.not(name: nil) } })
            stub_const("Home", Class.new(ActiveRecord::Base) { has_many :rooms })
            Person.belongs_to :home, optional: true
            Person.has_many :rooms, through: :home
          end

          # A person with a home, which has a room.
          def at_home
            homes_and_rooms
            home = Home.create!(code: "H1").tap { |one| one.rooms.create!(name: "R1") }
            salesforce_has contact("Home__c" => "H1", "Room__c" => "R1")
            Person.create!(home_id: home.id)
          end

          it "can be what a belongs_to leads to" do
            ann = at_home
            expect(plans(sync_by(:home, column: :code, to: "Home__c", as: :text)).keys).to eq([ann.id])
          end

          it "can be through others" do
            ann = at_home
            by_room = sync_by(:rooms, column: :name, to: "Room__c", as: :text) { trust :named }
            expect(plans(by_room).keys).to eq([ann.id])
          end

          it "is refused where it cannot be read, with what can" do
            people_table { |t| [t.string(:owner_type), t.bigint(:owner_id)] }
            Person.belongs_to :owner, polymorphic: true, optional: true
            Person.belongs_to :boss, class_name: "Person", foreign_key: :owner_id, optional: true
            Person.has_one :last_mail, -> { order(:id) }, class_name: "Mail"
            expect_refusal(sync_by(:owner, column: :name, to: "A"), ":owner is no association whose rows can be read")
            expect_refusal(sync_by(:boss, column: :contact, to: "A"), ":boss is no association .*:mails, :last_mail")
            expect_refusal(sync_by(:last_mail, column: :address, to: "A"), "Person.last_mail has an order")
            expect_refusal(sync_by(:mails, to: "A"), "people has no column mails; where it is the association")
          end
        end
      end
    end

    it "can be uuids in a column of texts, in whatever spelling; what is none is counted" do
      people_table { |t| t.string :uuid }
      uuids = Array.new(4) { SecureRandom.uuid }
      spelled = [uuids[0].upcase, "{#{uuids[1]}}", " #{uuids[2].delete("-")}\u00a0", uuids[3], "none", ""]
      spelled.each { |uuid| Person.create!(uuid:) }
      salesforce_has(*uuids.map { |uuid| contact("Uuid__c" => uuid) })
      sync = sync_by(:uuid, to: "Uuid__c", as: :uuid)
      read_in_both_ways(sync)
      expect(sync.plan.issues.map(&:kind)).to eq([:malformed_key])
      expect(through_its_paces(sync).size).to eq(4)
    end

    it "can be texts, of which each character counts but blanks around them" do
      people_table { |t| t.string :code }
      ["A 7", " B\u00e97\t", "c", "x@b.edu"].each { |code| Person.create!(code:) }
      rows = ["A 7 ", "B\u00e97", "C", "x@b.edu"].map { |code| contact("Code__c" => code) }
      salesforce_has(*rows)
      sync = sync_by(:code, to: "Code__c")
      read_in_both_ways(sync)
      expect(through_its_paces(sync).values).to match_array(rows.values_at(0, 1, 3).map { |row| row["Id"] })
    end

    it "can be integers in a column of texts" do
      people_table { |t| t.string :number }
      ["42", "007", " -1 ", "9007199254740993"].each { |number| Person.create!(number:) }
      rows = [42, "7", -1, "9007199254740993"].map { |number| contact("Number__c" => number) }
      salesforce_has(*rows)
      sync = sync_by(:number, to: "Number__c", as: :integer)
      read_in_both_ways(sync)
      expect(through_its_paces(sync).size).to eq(4)
    end

    it "are refused in columns that hold no such value" do
      people_table { |t| [t.date(:born_on), t.integer(:seats), t.string(:email)] }
      expect_refusal(sync_by(:born_on, to: "A"), "people.born_on is date; a key is a text, a UUID or an integer")
      expect_refusal(sync_by(:seats, to: "A", as: :email), "people.seats is .*cannot be as: :email; leave it out")
      expect_refusal(sync_by(:emial, to: "A"), "people has no column emial; did you mean email?")
      Person.attribute :email, sealed
      expect_refusal(sync_by(:email, to: "A"), "people.email is matched as it is in the database")
    end
  end
end
