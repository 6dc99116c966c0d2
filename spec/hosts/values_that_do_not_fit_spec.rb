# frozen_string_literal: true

require "rails_helper"
require "support/host_world"

# Covers values of Salesforce that a column cannot hold as they are: that field of that record stays, and is reported.
RSpec.describe "a host with a column that cannot hold a value" do
  include HostWorld

  # Returns what copied values leave in the column, nil where one was quarantined: the same in each way of writing.
  def copied(kind, column, values)
    salesforce_has(*values.each_with_index.map { |value, n| contact("a#{n}@b.edu", "Value__c" => value) })
    left = ways(kind).map do |way|
      persons = values.each_index.map { |n| person("a#{n}@b.edu") }
      copy(person_sync(way) { attribute column, from: "Value__c" }, persons.map(&:id), column)
      persons.map { |person| person.reload[column] }.tap { [Mail, Person].each(&:delete_all) }
    end
    left.uniq.first
  end

  # Everybody is linked, those whose value was quarantined are told, and nothing is left to do.
  def copy(sync, persons, column)
    run = sync.call(allow: HostWorld::ALL)
    expect([run.errors, run.stale, run.applied.map(&:key)]).to eq([[], {}, persons])
    told = run.issues.select { |issue| issue.kind == :unknown_value }.flat_map(&:users)
    expect(told).to match_array(Person.where(column => nil).ids)
    expect(sync.plan.changes).to be_empty
  end

  on_each_host_database do |kind|
    # An integer of SQLite's has eight bytes.
    most = kind == :sqlite ? (2**63) - 1 : (2**31) - 1

    it "keeps an integer" do
      people_table { |t| t.integer :seats }
      expect(copied(kind, :seats, [7, -3, most, most + 1, 3.5, true, "many", "12", "012", 10**30]))
        .to eq([7, -3, most, nil, nil, nil, nil, 12, nil, nil])
    end

    it "keeps a decimal within its digits" do
      people_table { |t| t.decimal :amount, precision: 6, scale: 2 }
      expect(copied(kind, :amount, [1.25, 9999.99, 10_000, 1.255, 7, true, "NaN"]))
        .to eq([1.25.to_d, 9999.99.to_d, nil, nil, 7.to_d, nil, nil])
    end

    it "keeps a float" do
      people_table { |t| t.float :share }
      expect(copied(kind, :share, [0.1, 7, (2**60) + 1, true, "Infinity", "NaN"])).to eq([0.1, 7.0, nil, nil, nil, nil])
    end

    it "keeps a text within its limit, without a NUL, and a truth only as such" do
      people_table { |t| [t.string(:name, limit: 5), t.boolean(:active), t.text(:note)] }
      expect(copied(kind, :name, ["Ann", "Änne!", "Annabel", "A\0n", 7, true]))
        .to eq(["Ann", "Änne!", nil, nil, "7", nil])
      expect(copied(kind, :active, [true, false, "No", 1, 0, "true"])).to eq([true, false, nil, nil, nil, true])
      expect(copied(kind, :note, ["a\0b", "long " * 200])).to eq([nil, "long " * 200])
    end

    it "keeps a date and a time as Salesforce spells them" do
      people_table { |t| [t.date(:born), t.datetime(:seen, precision: 3), t.time(:wakes)] }
      expect(copied(kind, :born, %w[2022-02-24 2022-02-30 05/06/2022 infinity 2022-02-24T04:30:00.000+0000 never]))
        .to eq([Date.new(2022, 2, 24), nil, nil, nil, nil, nil])
      expect(copied(kind, :seen, %w[2022-02-24T04:30:00.123+0000 2022-02-24T04:30:00.123456Z 24.2.2022 infinity]))
        .to eq([Time.utc(2022, 2, 24, 4, 30, 0.123r), nil, nil, nil])
      expect(copied(kind, :wakes, %w[09:30:00.000Z 25:00 soon])).to eq([Time.utc(2000, 1, 1, 9, 30), nil, nil])
    end

    it "keeps the values of an enum" do
      people_table { |t| [t.integer(:level), t.string(:kind)] }
      person_enum(:level, %i[low high])
      expect(copied(kind, :level, ["low", "high", "huge", 1, 7, "1", true, " "]))
        .to eq(["low", "high", nil, nil, nil, nil, nil, nil])
    end

    it "tells of each value whom it concerns, and counts it" do
      people_table { |t| t.integer :seats }
      ann = person("ann@b.edu", seats: 3)
      syncs = person_sync { attribute :seats, from: "Value__c" }
      salesforce_has contact("ann@b.edu", "Value__c" => 3.5)
      plan = syncs.plan
      expect(plan.issues.map(&:message)).to eq(["seats cannot hold 3.5 as it is; it stays as it is for 1 user"])
      expect(plan.ledger.to_h.to_s).to match(/quarantined_fields\D+1\b/)
      expect(syncs.explain(ann)).to include("seats stays as it is: the column cannot hold the value")
      expect(CrmSync::UnknownValues.count(plan.issues)).to eq("seats" => 1)
    end

    it "is told of a declared value that the column cannot hold" do
      people_table do |t|
        t.integer :seats
        t.string :name, limit: 5
        t.boolean :active
        t.decimal :amount, precision: 4
      end
      { seats: most + 1, name: "Annabel", active: "No", amount: 12_345 }.each do |column, value|
        refusal = "#{value.inspect} is not a value of #{column.inspect}; the column is "
        expect_refusal(person_sync { unmatched set: { column => value } }, refusal)
        expect_refusal(person_sync { attribute column, from: "A__c", map: { "x" => value } }, refusal)
      end
    end
  end

  on_host_postgresql do |kind|
    it "keeps what an enum type, a uuid, a smallint and a real can hold" do
      tables.execute("DROP TYPE IF EXISTS mood CASCADE; CREATE TYPE mood AS ENUM ('sad', 'glad')")
      people_table do |t|
        [t.column(:mood, "mood"), t.uuid(:token), t.integer(:few, limit: 2), t.column(:share, "real")]
      end
      token = SecureRandom.uuid
      expect(copied(kind, :mood, %w[glad angry])).to eq(["glad", nil])
      expect(copied(kind, :token, [token, "x"])).to eq([token, nil])
      expect(copied(kind, :few, [32_767, 32_768])).to eq([32_767, nil])
      expect(copied(kind, :share, [0.1, 0.123456789])).to eq([0.1, nil])
    end

    it "goes on where a column was made narrower than what its history holds" do
      people_table { |t| t.bigint :few }
      ann = person("ann@b.edu")
      syncs = person_sync { attribute :few, from: "Value__c" }
      few = [40_000, 40_000, 7].map do |value|
        salesforce_has contact("ann@b.edu", "Value__c" => value)
        syncs.call(allow: HostWorld::ALL)
        ann.reload.few.tap { ann.update!(contact: nil, few: nil) }
      end
      expect(few).to eq([40_000, 40_000, 7])
      tables.change_column(:people, :few, :integer, limit: 2)
      people_models
      salesforce_has contact("ann@b.edu", "Value__c" => 8)
      expect(person_sync { attribute :few, from: "Value__c" }.call(allow: HostWorld::ALL)).to have_attributes(
        status: :applied, errors: [], issues: []
      )
      expect(Person.first.few).to eq(8)
    end
  end
end
