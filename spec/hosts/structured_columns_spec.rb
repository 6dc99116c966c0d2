# frozen_string_literal: true

require "rails_helper"
require "support/host_world"

# Columns that hold more than one value, of which a copied one would take the place.
RSpec.describe "a host with structured columns" do
  include HostWorld

  def copying(column)
    person_sync { attribute column, from: "Value__c" }
  end

  # Returns the value that the declared one leaves in the column, after which there is nothing left to do.
  def declared(kind, column, value)
    ways(kind).map do |way|
      syncs = person_sync(way) { attribute column, from: "Value__c", map: { "A" => value } }
      person("ann@b.edu")
      salesforce_has contact("ann@b.edu", "Value__c" => "A")
      expect(syncs.call(allow: HostWorld::ALL).status).to eq(:applied)
      expect(syncs.plan.changes).to be_empty
      Person.first.public_send(column).tap { [Mail, Person].each(&:delete_all) }
    end
  end

  # Saves a plan for people who have these values, loads it, applies it and undoes it; returns the values as texts.
  def there_and_back(way, column, values, wanted)
    syncs = person_sync(way) { attribute column, from: "Value__c", map: { "A" => wanted } }
    people = values.each_index.map { |n| person("p#{n}@b.edu") }
    people.zip(values) { |person, value| Person.where(id: person.id).update_all(["#{column} = ?", value]) }
    salesforce_has(*people.each_index.map { |n| contact("p#{n}@b.edu", "Value__c" => "A") })
    round(syncs)
    tables.select_values("SELECT CAST(#{column} AS text) FROM people ORDER BY id")
  ensure
    [Mail, Person].each(&:delete_all)
  end

  def round(syncs)
    plan = syncs.plan
    plan.save(File.join(scratch, "sync.plan"))
    loaded = CrmSync::Plan.load(File.join(scratch, "sync.plan"))
    expect(loaded).to have_attributes(digest: plan.digest, to_s: plan.to_s, to_json: plan.to_json)
    put_back(loaded.apply(allow: HostWorld::ALL), syncs)
  end

  def put_back(run, syncs)
    expect(run).to have_attributes(status: :applied, stale: {}, errors: [])
    expect([syncs.plan.changes, run.undo!.stale]).to eq([[], {}])
  end

  on_each_host_database do |kind|
    it "is told that a serialized column cannot hold what is copied, and gets what is declared" do
      people_table { |t| [t.text(:prefs), t.text(:settings), t.text(:notes)] }
      Person.serialize :prefs, **(ActiveRecord.version < Gem::Version.new("7.1") ? {} : { coder: YAML })
      Person.store :settings, accessors: %i[theme], coder: JSON
      Person.attribute :notes, :json
      %i[prefs settings notes].each do |column|
        expect_refusal(copying(column), "people.#{column} .* cannot hold a copied value")
      end
      expect(declared(kind, :prefs, { "a" => [1] })).to all(eq("a" => [1]))
      expect(declared(kind, :notes, { "a" => [1] })).to all(eq("a" => [1]))
    end

    it "gets what is declared in a serialized column that takes values of one class only" do
      people_table { |t| t.text :tags }
      old = ActiveRecord.version < Gem::Version.new("7.1")
      old ? Person.serialize(:tags, Array) : Person.serialize(:tags, type: Array, coder: YAML)
      expect(declared(kind, :tags, %w[a b])).to all(eq(%w[a b]))
    end

    it "is told that a json column cannot hold what is copied, and gets what is declared" do
      people_table { |t| t.json :prefs }
      expect_refusal(copying(:prefs), "people.prefs .* cannot hold a copied value")
      expect(declared(kind, :prefs, { "a" => ["b", nil] })).to all(eq("a" => ["b", nil]))
      expect(declared(kind, :prefs, { a: :b })).to all(eq("a" => "b"))
    end

    it "is told that addresses in json cannot be matched" do
      people_table(address: :json)
      expect_refusal(person_sync, "mails.address is matched as it is in the database")
    end

    it "has binary values compared, where they can be read" do
      people_table { |t| t.binary :raw }
      expect_refusal(copying(:raw), "people.raw .* cannot hold a copied value")
      raw = "\x00\xff".b
      next expect(declared(kind, :raw, raw)).to all(eq(raw)) if kind == :postgresql

      expect_refusal(person_sync { unmatched set: { raw: } }, "people.raw is binary")
    end
  end

  on_host_postgresql do |kind|
    it "has bytes, and what is no number or has no end, planned, kept in a file, written and put back" do
      people_table { |t| [t.binary(:raw), t.float(:share), t.decimal(:amount), t.date(:day)] }
      ways(kind).each do |way|
        { share: %w[Infinity -Infinity NaN NaN], amount: %w[NaN 1.5 NaN],
          day: ["infinity", "-infinity", "0044-03-15 BC"] }
          .zip([1.5, BigDecimal("2.5"), Date.new(2020, 2, 29)]) do |(column, values), wanted|
            expect(there_and_back(way, column, values, wanted)).to eq(values)
          end
        raw = ["\\x00ff", "\\x61", "\\xc3a9", "\\x"]
        expect(there_and_back(way, :raw, raw, "\x01\xff".b)).to eq(raw)
      end
    end

    it "is told that an array, a range and the like cannot hold what is copied" do
      tables.enable_extension("hstore")
      people_table do |t|
        t.string :tags, array: true
        t.integer :ranks, array: true
        t.jsonb :packed
        t.hstore :pairs
        t.int4range :span
        t.xml :page
        t.bit :flags, limit: 3
      end
      %i[tags ranks packed pairs span page flags].each do |column|
        expect_refusal(copying(column), "people.#{column} .* cannot hold a copied value")
      end
      expect(declared(kind, :tags, %w[a b])).to all(eq(%w[a b]))
      expect(declared(kind, :packed, { "b" => 1, "a" => 1.0 })).to all(eq("b" => 1, "a" => 1.0))
      expect(declared(kind, :pairs, { "bb" => "1", "a" => nil })).to all(eq("bb" => "1", "a" => nil))
      expect(declared(kind, :span, 1..)).to all(eq(1...Float::INFINITY))
      expect(declared(kind, :pairs, { "a" => "1" })).to all(eq("a" => "1"))
      expect(declared(kind, :span, 1...5)).to all(eq(1...5))
      expect(declared(kind, :page, "<a/>")).to all(eq("<a/>"))
      expect(declared(kind, :flags, "101")).to all(eq("101"))
    end

    it "is told that a declared value would become another one" do
      people_table { |t| [t.string(:tags, array: true), t.integer(:ranks, array: true)] }
      expect_refusal(person_sync { unmatched set: { tags: "a" } }, '"a" is not a value of :tags')
      expect_refusal(person_sync { unmatched set: { ranks: %w[x] } }, "is not a value of :ranks")
    end

    it "is told that a list of addresses cannot be matched" do
      people_table
      tables.execute("ALTER TABLE mails ALTER address TYPE text[] USING ARRAY[address]")
      people_models
      expect_refusal(person_sync, "mails.address is matched as it is in the database")
    end
  end
end
