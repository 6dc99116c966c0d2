# frozen_string_literal: true

require "rails_helper"
require "support/host_world"

# Tries the types that the primary key of the users can have, and the column by which addresses belong to them.
RSpec.describe "a host's primary key" do
  include HostWorld

  # Makes the tables, with two users: one who is linked, and one who has the address of another contact.
  def keyed_people(type, owner, keys)
    %w[people mails].each { |name| tables.execute("DROP TABLE IF EXISTS #{name}") }
    tables.execute("CREATE TABLE people (id #{type} PRIMARY KEY, contact varchar, level varchar)")
    tables.execute("CREATE TABLE mails (id integer PRIMARY KEY, person_id #{owner}, address varchar)")
    people_models
    Person.class_eval { def told = "level #{level}" }
    people = ["ann@b.edu", "bob@b.edu"].zip(keys).each_with_index.map do |(address, id), n|
      Person.create!(id:).tap { Mail.create!(id: n, person_id: id, address:) }
    end
    both_known(people[0])
  end

  def both_known(linked)
    known = contact("ann@b.edu", "Level__c" => "gold")
    linked.update_columns(contact: known["Id"], level: "silver")
    salesforce_has known, contact("bob@b.edu", "Level__c" => "gold")
  end

  def level_sync(way = :records, &more)
    person_sync(way) do
      attribute :level, from: "Level__c"
      instance_exec(&more) if more
    end
  end

  # Expects that one of them is found alone, and both in a run, which leaves nothing to do.
  def expect_both(sync)
    bob = Person.order(:id).last
    expect(sync.plan(only: bob).changes.map(&:action)).to eq([:link])
    expect(sync.explain(bob)).to include("rule 4: gets contact")
    expect_applied(sync)
    expect(sync.explain(bob)).to include("  link  contact: nil")
  end

  def expect_applied(sync)
    expect(sync.call).to have_attributes(status: :applied, stale: {}, errors: [], applied: have_attributes(size: 2))
    expect(sync.plan.changes).to eq([])
  end

  on_host_postgresql do
    keys = { "char(9)" => %w[a7 b8], "numeric(20)" => [7, 8], "date" => [Date.new(2022, 2, 24), Date.new(2022, 2, 25)] }

    keys.to_a.product(BothWriters::WAYS).each do |(type, ids), way|
      it "may be #{type}, with #{way}" do
        keyed_people(type, type, ids)
        expect_both(level_sync(way) { write_back "Told__c", with: :told, on: { level: "gold" } })
        expect(salesforce.records("Contact").map { |row| row["Told__c"] }).to eq(["level gold"] * 2)
      end
    end

    [%w[varchar char(9)], %w[char(9) varchar]].product(BothWriters::WAYS).each do |(type, owner), way|
      it "may be #{type} where the addresses have it as #{owner}, with #{way}" do
        keyed_people(type, owner, %w[a7 b8])
        expect_both(level_sync(way))
      end
    end

    { "numeric(9, 2)" => [7, 8], "double precision" => [0.1, 0.2], "inet" => %w[10.0.0.1 10.0.0.2],
      "timestamp" => [Time.utc(2022), Time.utc(2023)], "jsonb" => [{ "a" => 1 }, { "b" => 1 }],
      "bytea" => ["\x00".b, "\xff".b] }.each do |type, ids|
      it "is told to be another one if it is #{type}, whose texts are not the values of the model" do
        keyed_people(type, type, ids)
        expect_refusal(level_sync, "people\\.id is read as it is in the database.*a model with a plain key")
      end
    end

    # A table of PostgreSQL 18, with two versions of Ann.
    def people_with_versions
      keyed_people("bigint", "bigint", [7, 8])
      tables.enable_extension("btree_gist")
      tables.execute("DELETE FROM people WHERE id = 8; ALTER TABLE people DROP CONSTRAINT people_pkey, " \
                     "ADD at daterange NOT NULL DEFAULT '[2024-01-01,)', ADD PRIMARY KEY (id, at WITHOUT OVERLAPS)")
      tables.execute("INSERT INTO people (id, at) VALUES (7, '[2020-01-01,2024-01-01)')")
      people_models
    end

    it "may not be that of versions, of which others would be written, but in a view that shows one of each" do
      needs_postgresql 18
      people_with_versions
      Person.primary_key = "id"
      Person.class_eval { default_scope { where("people.at @> current_date") } }
      problem = "several rows of people can have the same id, at different times"
      BothWriters::WAYS.each { |way| expect_refusal(level_sync(way), problem) }
      tables.execute("CREATE VIEW current_people AS SELECT * FROM people WHERE at @> current_date")
      BothWriters::WAYS.each do |way|
        people_models
        Person.table_name = "current_people"
        Person.primary_key = "id"
        Person.update_all(level: "silver")
        expect(level_sync(way).call).to have_attributes(errors: [], applied: have_attributes(size: 1))
        expect(tables.select_values("SELECT level FROM people ORDER BY at")).to eq([nil, "gold"])
      end
    ensure
      tables.execute("DROP VIEW IF EXISTS current_people")
    end
  end

  on_each_host_database do
    { "none" => "", "one of two columns" => ", PRIMARY KEY (id, place)" }.each do |what, definition|
      it "is asked for where the table has #{what}" do
        keyed_people("integer", "integer", [7, 8])
        tables.execute("DROP TABLE people")
        tables.execute("CREATE TABLE people (id integer, place integer, contact varchar, level varchar#{definition})")
        people_models
        # Rails 6.1 and 7.0 say that they ignore one of two columns.
        expect { expect_refusal(level_sync, "Person needs a primary key of one column; name it in the model") }
          .to output(/\A(?:WARNING.*composite.*)?\z/m).to_stderr
      end
    end

    it "is asked for where the model names another one" do
      keyed_people("integer", "integer", [7, 8])
      Person.primary_key = "uid"
      expect_refusal(level_sync, "needs a primary key of one column \\(there is none named uid\\); name it")
    end
  end

  context "on SQLite" do
    using_database :sqlite, fresh: true

    it "is told to be another one if it is a blob" do
      keyed_people("blob", "blob", ["\x00".b, "\xff".b])
      expect_refusal(level_sync, "people\\.id is read as it is in the database.*a model with a plain key")
    end
  end
end
