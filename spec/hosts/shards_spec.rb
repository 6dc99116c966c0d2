# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# Models whose class is led to one of several databases by +connected_to+, and that of no other model with it.
RSpec.describe "a host whose models are in shards" do
  include ContactSyncWorld

  def shard(kind, name)
    url = kind == :sqlite ? "sqlite3:#{File.join(scratch, "#{name}.sqlite3")}" : Postgres.create_database
    { writing: ActiveRecord::DatabaseConfigurations::UrlConfig.new("test", name, url) }
  end

  def connect(kind)
    stub_const("AnimalsRecord", Class.new(ActiveRecord::Base) { self.abstract_class = true })
    AnimalsRecord.connects_to(shards: { default: shard(kind, "one"), two: shard(kind, "two") })
    %i[default two].each { |name| on(name) { tables(AnimalsRecord.connection) } }
  end

  def on(shard, &) = AnimalsRecord.connected_to(role: :writing, shard:, &)

  def tables(connection)
    connection.create_table(:people) { |t| [t.string(:salesforce_contact_id), t.string(:status)] }
    connection.create_table(:addresses) { |t| [t.bigint(:person_id), t.string(:value)] }
    CreateCrmSyncTables.new.exec_migration(connection, :up)
  end

  def models
    stub_const("Person", Class.new(AnimalsRecord) { self.table_name = "people" })
    stub_const("Address", Class.new(AnimalsRecord) { self.table_name = "addresses" })
    Person.has_many(:addresses, class_name: "Address", foreign_key: :person_id)
    Person.define_method(:fax) { "555" }
  end

  let(:sync) do
    stub_const("AnimalSync", Class.new(CrmSync::ContactSync)).tap do |sync|
      sync.contacts "Contact"
      sync.model "Person", foreign_key: :salesforce_contact_id
      sync.match_by(:addresses, column: :value, to: %w[Email]) { trust :all }
      sync.attribute :status, from: "Faculty_Verified__c"
      sync.write_back "Fax", with: :fax, on: { status: "Confirmed" }
    end
  end

  def counts(shard)
    on(shard) do
      %w[crm_sync_runs crm_sync_changes crm_sync_outbox].map do |table|
        Person.connection.select_value("SELECT COUNT(*) FROM #{table}")
      end
    end
  end

  on_each_database do |kind|
    around do |example|
      setting = :legacy_connection_handling # of Rails 6.1 and 7.0, which do not lead one class alone with it
      legacy = ActiveRecord::Base.try(setting)
      ActiveRecord::Base.public_send("#{setting}=", false) if legacy
      example.run
    ensure
      ActiveRecord::Base.public_send("#{setting}=", legacy) if legacy
    end

    before do
      connect(kind)
      models
      salesforce_has contact("ann@b.edu", faculty: "Confirmed")
      on(:two) { Person.create!.tap { |person| Address.create!(person_id: person.id, value: "ann@b.edu") } }
    end

    after do
      ours = [CrmSync::OutboxRow, CrmSync::RunRow, CrmSync::ChangeRow, CrmSync::StateRow]
      ours.each { |rows| rows.beside(Person).reset_column_information }
      AnimalsRecord.remove_connection
    end

    it "has what belongs to a write in its shard" do
      run = on(:two) { sync.call }
      expect([run.status, counts(:default), counts(:two)]).to eq([:applied, [0, 0, 0], [1, 1, 0]])
      expect(on(:two) { sync.runs.map { |past| past.changes.map(&:action) } }).to eq([[:link]])
      expect(on(:default) { sync.runs }).to be_empty
      expect(on(:two) { [run.undo!.applied.size, Person.pluck(:salesforce_contact_id)] }).to eq([1, [nil]])
    end

    it "keeps nothing of a write whose transaction fails" do
      Person.before_commit { raise "no" if salesforce_contact_id }
      run = on(:two) { sync.call }
      expect([run.errors.map(&:message), counts(:default), counts(:two)]).to eq([["no"], [0, 0, 0], [1, 0, 0]])
    end
  end
end
