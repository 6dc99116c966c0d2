# frozen_string_literal: true

require "rails_helper"
require "support/host_world"

# Covers columns that are not ours to write: those of the database, of Rails, of nobody.
RSpec.describe "a host with columns that are not to be written" do
  include HostWorld

  def set(values, way = :records)
    person_sync(way) { unmatched set: values }
  end

  on_each_host_database do |kind|
    it "is told that an attribute is attr_readonly, whichever way it is written" do
      people_table { |t| t.string :status }
      Person.attr_readonly :status
      ways(kind).each { |way| expect_refusal(set({ status: "Open" }, way), "people.status is attr_readonly") }
    end

    it "is told that the foreign key is attr_readonly" do
      people_table
      Person.attr_readonly :contact
      ways(kind).each { |way| expect_refusal(person_sync(way), "people.contact is attr_readonly") }
    end

    it "is told that a column is not the declaration's to write" do
      people_table do |t|
        t.string :type
        t.integer :lock_version
        t.integer :mails_count
        t.timestamps
      end
      Person.has_many :mails, counter_cache: :mails_count
      others = { id: 7, contact: "x", type: "Person", lock_version: 3, mails_count: 2, updated_at: Time.now }
      others.each do |column, value|
        expect_refusal(set({ column => value }), "people.#{column} is .*take it out")
      end
      copying = person_sync { attribute :id, from: "Number__c" }
      expect_refusal(copying, "people.id is the primary key")
    end

    it "writes what is called so and means nothing to Rails, and the time of the creation" do
      people_table do |t|
        t.string :type
        t.integer :lock_version
        t.timestamps
      end
      Person.inheritance_column = nil
      Person.lock_optimistically = false
      made = Time.utc(2020, 1, 2)
      ann = person
      salesforce_has contact("bob@b.edu")
      expect(set({ type: "Guest", lock_version: 3, created_at: made }).call.status).to eq(:applied)
      expect(ann.reload).to have_attributes(type: "Guest", lock_version: 3, created_at: made)
    end

    it "is told that a model is readonly" do
      people_table { |t| t.string :status }
      Person.define_method(:readonly?) { persisted? }
      ways(kind).each { |way| expect_refusal(set({ status: "Open" }, way), "Person is readonly") }
      people_table { |t| t.string :status }
      Person.class_eval { default_scope { readonly } }
      expect_refusal(person_sync, "Person is readonly")
    end

    it "reads and writes a model that is readonly for some of its records" do
      people_table { |t| [t.string(:status), t.boolean(:closed)] }
      Person.define_method(:readonly?) { closed }
      closed = person
      person
      Person.where(id: closed).update_all(closed: true)
      salesforce_has contact("bob@b.edu")
      expect(set({ status: "Open" }).call.errors.map(&:key)).to eq([closed.id])
    end

    it "is told that a view cannot be updated" do
      people_table { |t| t.string :status }
      tables.execute("DROP VIEW IF EXISTS everybody")
      tables.execute("CREATE VIEW everybody AS SELECT DISTINCT id, contact, status FROM people")
      people_models
      Person.table_name = "everybody"
      Person.primary_key = "id"
      expect_refusal(set({ status: "Open" }), "everybody is a view that cannot be updated")
    ensure
      tables.execute("DROP VIEW everybody")
    end

    it "is told that a column is ignored, is a name of another one, or a part of one" do
      people_table { |t| [t.string(:status), t.text(:settings)] }
      Person.ignored_columns = %w[status]
      Person.alias_attribute :hint, :contact
      Person.store :settings, accessors: %i[theme]
      %i[status hint theme].each { |name| expect_refusal(set({ name => "x" }), "people has no column #{name}") }
    end

    it "has its other columns written if it ignores some, whatever decides who is a user, and may be linked" do
      people_table { |t| [t.string(:status), t.string(:old), t.boolean(:gone)] }
      [Person, Mail].each { |model| model.ignored_columns = %w[old] }
      Person.class_eval { default_scope { where(gone: nil) } }
      Person.class_eval { scope :activated, -> { where.not(id: nil) } }
      salesforce_has(*%w[ann bob].map { |name| contact("#{name}@b.edu", "Status__c" => "Open") })
      ann = person("ann@b.edu")
      person("bob@b.edu", gone: true)
      ways(kind).each do |way|
        sync = person_sync(way) { attribute(:status, from: "Status__c") && link_when(:activated) }
        run = sync.call(allow: HostWorld::ALL)
        expect([run.errors, run.applied.map(&:key)]).to eq([[], [ann.id]])
        expect(ann.reload.status).to eq("Open")
        Person.update_all(contact: nil, status: nil)
      end
    end

    it "is told that what it sets may not be empty" do
      people_table { |t| t.string :status, null: false, default: "Open" }
      expect_refusal(set({ status: nil }), "people.status is NOT NULL")
    end
  end

  on_host_postgresql do |kind|
    it "is told that a column is generated, or numbered, by the database" do
      people_table { |t| t.integer :seats }
      tables.execute("ALTER TABLE people ADD twice integer GENERATED ALWAYS AS (seats * 2) STORED, " \
                     "ADD number integer GENERATED ALWAYS AS IDENTITY")
      people_models
      ways(kind).each do |way|
        %i[twice number].each { |column| expect_refusal(set({ column => 7 }, way), "people.#{column} is generated") }
      end
    end

    it "writes through a view that can be updated, but for what it computes" do
      people_table { |t| t.string :status }
      tables.execute("CREATE VIEW everyone AS SELECT id, contact, status, upper(status) AS loud FROM people")
      ann = person
      people_models
      Person.table_name = "everyone"
      Person.primary_key = "id"
      expect_refusal(set({ loud: "X" }), "everyone.loud is generated")
      salesforce_has contact("bob@b.edu")
      expect(set({ status: "Open" }).call.status).to eq(:applied)
      expect(ann.reload.status).to eq("Open")
    ensure
      tables.execute("DROP VIEW everyone")
    end
  end

  context "on SQLite" do
    using_database :sqlite, fresh: true

    # Rails 6.1 does not see them.
    it "is told that a column is generated by the database" do
      people_table { |t| t.integer :seats }
      tables.execute("ALTER TABLE people ADD twice integer GENERATED ALWAYS AS (seats * 2) VIRTUAL")
      people_models
      expect_refusal(set({ twice: 7 }), "people(.twice is generated| has no column twice)")
    end
  end
end
