# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"
require "support/whole_round"

# A model that has a database of its own, beside the main one of the app.
RSpec.describe "a host whose model is in another database" do
  include ContactSyncWorld

  let(:ann) { contact("ann@b.edu", faculty: "Confirmed") }

  def second_database(kind)
    kind == :sqlite ? "sqlite3:#{File.join(scratch, "animals.sqlite3")}" : Postgres.create_database
  end

  def connect(kind)
    config = ActiveRecord::DatabaseConfigurations::UrlConfig.new("test", "animals", second_database(kind))
    stub_const("AnimalsRecord", Class.new(ActiveRecord::Base) { self.abstract_class = true })
    AnimalsRecord.connects_to(database: { writing: config })
    tables(AnimalsRecord.connection)
  end

  def tables(connection)
    connection.create_table(:people) do |t|
      t.string :salesforce_contact_id
      t.string :status
    end
    connection.create_table(:addresses) do |t|
      t.bigint :person_id
      t.string :value
    end
  end

  def models
    stub_const("Person", Class.new(AnimalsRecord) { self.table_name = "people" })
    stub_const("Address", Class.new(AnimalsRecord) { self.table_name = "addresses" })
    Person.has_many(:addresses, class_name: "Address", foreign_key: :person_id)
    Person.define_method(:fax) { "555" }
  end

  def animal_sync
    stub_const("AnimalSync", Class.new(CrmSync::ContactSync)).tap do |sync|
      sync.contacts "Contact"
      sync.model "Person", foreign_key: :salesforce_contact_id
      sync.match_by(:addresses, column: :value, to: %w[Email]) { trust :all }
      sync.attribute :status, from: "Faculty_Verified__c"
      sync.write_back "Fax", with: :fax, on: { status: "Confirmed" }
    end
  end

  def migrate
    CreateCrmSyncTables.new.exec_migration(AnimalsRecord.connection, :up)
  end

  def main_rows
    [CrmSync::OutboxRow, CrmSync::RunRow, CrmSync::ChangeRow, CrmSync::StateRow].to_h { |rows| [rows, rows.count] }
  end

  def faxes
    writes_to(salesforce).map(&:last)
  end

  on_each_database do |kind|
    before do
      connect(kind)
      models
      Person.create!.tap { |person| Address.create!(person_id: person.id, value: "ann@b.edu") }
      salesforce_has ann
    end

    after do
      main_rows.each_key { |rows| rows.beside(Person).reset_column_information }
      AnimalsRecord.remove_connection
    end

    it "has everything in that database, once the migration has been run there" do
      migrate
      sync = animal_sync
      run = nil
      expect { run = sync.call }.not_to(change { main_rows })
      expect(run).to have_attributes(status: :applied, id: Integer)
      expect([Person.first.salesforce_contact_id, faxes]).to eq([ann["Id"], [{ "Fax" => "555" }]])
      expect(sync.runs.map { |past| past.changes.map(&:action) }).to eq([[:link]])
      expect(sync.last_success).to be_within(60).of(Time.now)
      expect(CrmSync::ChangeRow.beside(Person).pluck(:record_key)).to eq([Person.first.id.to_s])
      expect(sync.explain(Person.first)).to include("history, the newest first:")
      expect(run.undo!.applied.size).to eq(1)
      expect(sync.thaw(Person.first)).to include(:status)
      expect(Person.first.salesforce_contact_id).to be_nil
    end

    context "with one who gets a contact, and one whose contact is gone" do
      before do
        migrate
        gone = contact("bob@b.edu").merge("IsDeleted" => true)
        Person.create!(salesforce_contact_id: gone["Id"], status: "Pending")
        salesforce_has ann, gone
      end

      let(:sync) { animal_sync.tap { |sync| sync.contact_missing set: { status: nil } } }
      let(:people) { Person }
      let(:expected) { [[ann["Id"], "Confirmed"], [nil, nil]] }

      def stored
        Person.order(:id).pluck(:salesforce_contact_id, :status)
      end

      it_behaves_like "a whole round"
    end

    it "has one model of a table for all threads" do
      found = Array.new(50) do
        rows = Class.new(CrmSync::StateRow)
        gate = Queue.new
        asking = Array.new(4) { Thread.new { gate.pop && rows.beside(Person) } }
        Thread.pass until gate.num_waiting == 4
        4.times { gate << true }
        asking.map(&:value).uniq.size
      end
      expect(found.uniq).to eq([1])
    end

    it "gives the app nothing by which it could move one" do
      expect(%i[settle follow].select { |name| CrmSync::OutboxRow.respond_to?(name) }).to eq([])
    end

    it "keeps what must follow in the transaction of the change" do
      migrate
      Person.after_save { raise "no" if salesforce_contact_id }
      expect(animal_sync.call.errors.map(&:message)).to eq(["no"])
      expect([CrmSync::OutboxRow, CrmSync::ChangeRow].map { |rows| rows.beside(Person).count }).to eq([0, 0])
    end

    it "says where a row of the outbox is to be looked for" do
      migrate
      salesforce_stops
      salesforce_has ann, faults: [{ on: :update, answer: { error: { status: 400, code: "NO", message: "no" } } }]
      sync = animal_sync
      sync.call
      CrmSync::OutboxRow.beside(Person).update_all(attempts: 10)
      row = 'CrmSync::OutboxRow.beside(Person).where(sync: "AnimalSync"'
      expect(sync.plan.issues.map(&:message)).to match([include(row)])
      expect(CrmSync::OutboxRow.beside(Person).given_up.send_again).to eq(1)
    end

    it "is told how to make the tables there" do
      command = "run: rails generate crm_sync:install --database animals && rails db:migrate"
      expect { animal_sync.call }
        .to raise_error(CrmSync::ConfigurationError, /crm_sync_outbox in the database of Person; #{command}/)
      plain = animal_sync
      plain.declaration.write_backs.clear
      expect(plain.call.status).to eq(:applied)
      expect { plain.runs }.to raise_error(CrmSync::ConfigurationError, /#{command}/)
    end
  end
end
