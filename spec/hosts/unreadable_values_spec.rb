# frozen_string_literal: true

require "rails_helper"
require "support/host_world"

# Covers attributes whose type raises an error for some of the values: that value of that record stays as it is.
RSpec.describe "a host with values that its own types cannot read" do
  include HostWorld

  def self.ways_to_save(kind)
    [(:records if ActiveRecord.version >= Gem::Version.new("7.1")), (:set_based if kind == :postgresql)].compact
  end

  # A type that raises an error of its own for the values that a block names, when they are read, or given to the model.
  def picky(error, read: [], given: [])
    Class.new(ActiveRecord::Type::String) do
      define_method(:deserialize) { |text| read.include?(text) ? raise(error, "a type's own words") : super(text) }
      define_method(:cast) { |value| given.include?(value) ? raise(error, "a type's own words") : super(value) }
    end.new
  end

  def two_people(way, ann: nil, bob: nil, to: %w[Yes No])
    people_table { |t| t.string :status }
    syncs = person_sync(way) { attribute :status, from: "Status__c" }
    [ann, bob].zip(%w[ann bob]) { |status, name| person("#{name}@b.edu", status:) }
    salesforce_has(*%w[ann bob].zip(to).map { |name, status| contact("#{name}@b.edu", "Status__c" => status) })
    syncs
  end

  # Calls the sync, and returns the run and what is stored, after which there is nothing left to do.
  def called(syncs)
    run = syncs.call(allow: HostWorld::ALL)
    expect([run.errors, run.stale, syncs.plan.changes]).to eq([[], {}, []])
    [run, tables.select_values("SELECT status FROM people ORDER BY id")]
  ensure
    Databases.empty
  end

  def issues(run, kind) = run.issues.select { |issue| issue.kind == kind }.map { |issue| [issue.users, issue.message] }

  let(:error) { Class.new(StandardError).tap { |error| stub_const("OddValue", error) } }

  on_each_host_database do |kind|
    # Before 7.1, Rails reads all values of a record that it saves.
    saving = ways_to_save(kind)

    it "keeps a stored value that cannot be read, links its user, and goes on with the others", if: saving.any? do
      saving.each do |way|
        syncs = two_people(way, ann: "odd", bob: "Open")
        Person.attribute :status, picky(error, read: %w[odd])
        run, stored = called(syncs)
        expect(stored).to eq(%w[odd No])
        expect(run.applied.map { |change| change.after.keys }).to eq([%i[contact], %i[contact status]])
        expect(issues(run, :unreadable_value).flatten.last).to match(/cannot read status of user \d+ \(OddValue\)/)
        expect(run.ledger[:changes].notes).to eq(unreadable_value_fields: 1)
      end
    end

    it "goes on with the others where Rails cannot save the record", unless: saving.include?(:records) do
      syncs = two_people(:records, ann: "odd", bob: "Open")
      Person.attribute :status, picky(error, read: %w[odd])
      run = syncs.call
      expect([run.errors.map(&:exception), run.applied.size]).to eq([%w[OddValue], 1])
    end

    it "counts a user of whom nothing else would change, and explains it" do
      syncs = two_people(:records, ann: "odd")
      Person.update_all(["contact = ?", salesforce.records("Contact").first["Id"]])
      Person.last.delete
      Person.attribute :status, picky(error, read: %w[odd])
      run, = syncs.call
      expect([run.status, run.ledger[:users].buckets]).to match([:unchanged, include(unreadable_value: 1, update: 0)])
      expect(syncs.explain(Person.select(:id).first)).to include("cannot read status of user")
    end

    it "does not write a value for which its type raises an error of its own" do
      ways(kind).each do |way|
        syncs = two_people(way, ann: "Open", to: %w[odd No])
        Person.attribute :status, picky(error, given: %w[odd])
        run, stored = called(syncs)
        expect([stored, issues(run, :unknown_value).size]).to eq([%w[Open No], 1])
      end
    end

    it "undoes a change of a record with another value that cannot be read", if: saving.include?(:records) do
      ways(kind).each do |way|
        syncs = two_people(way)
        tables.add_column(:people, :note, :string)
        people_models
        Person.update_all(note: "odd")
        Person.attribute :note, picky(error, read: %w[odd])
        undone = syncs.call.undo!
        expect([undone.errors, undone.applied.size, Person.where(contact: nil, status: nil).count]).to eq([[], 2, 2])
        Databases.empty
      end
    end

    it "runs the old routine, and sees what that changes" do
      syncs = two_people(:records, ann: "odd", bob: "No")
      ids = salesforce.records("Contact").map { |row| row["Id"] }
      Person.order(:id).ids.zip(ids) { |key, id| Person.where(id: key).update_all(contact: id) }
      Person.attribute :status, picky(error, read: %w[odd])
      report = syncs.shadow { Person.where(status: "odd").update_all(status: "Yes") }
      expect(report.to_s).to match(/theirs only: 1\s+1 .*the old routine has changed it/)
    end

    it "sees what the old routine changes where a default scope selects columns of its own" do
      syncs = two_people(:records, ann: "Yes", bob: "No")
      ids = salesforce.records("Contact").map { |row| row["Id"] }
      keys = Person.order(:id).ids
      keys.zip(ids) { |key, id| Person.where(id: key).update_all(contact: id) }
      Person.class_eval { default_scope { select(:status, :id, :contact) } }
      watch = syncs.planner.watch
      Person.where(id: keys.first).update_all(status: "Other")
      expect(watch.changed).to eq(keys.first => { status: "Other" })
    end

    it "ends with an error that every value would meet" do
      syncs = two_people(:records, ann: "odd", to: %w[Yes odd])
      late = Class.new(Timeout::Error)
      Person.attribute :status, picky(late, read: %w[odd])
      expect { syncs.call }.to raise_error(late)
      Person.attribute :status, picky(late, given: %w[odd])
      expect { syncs.call }.to raise_error(late)
    end

    it "still has its history and its plans, without the values that cannot be read any more" do
      syncs = two_people(:records, ann: "Open")
      plan = File.join(scratch, "sync.plan")
      syncs.plan.save(plan)
      syncs.call.undo!
      Person.update_all(status: "Other")
      Person.attribute :status, picky(error, read: %w[Open Yes], given: %w[Yes])
      expect(syncs.call.issues.map(&:kind)).to include(:undone)
      expect(syncs.runs.last.changes.first.inspect).to include("status: [unreadable] → [unreadable]")
      expect(syncs.runs.last.undo!.stale.values).to include("the value of status cannot be read any more")
      expect { CrmSync::Plan.load(plan) }.to raise_error(CrmSync::StalePlan, /a value that its column cannot have/)
    end
  end

  context "with normalizes", if: ActiveRecord.version >= Gem::Version.new("7.1") do
    on_each_host_database do |kind|
      # Refuses what is no URL, as a library of the host's would.
      def normalize_urls
        Person.normalizes :status, with: ->(text) { URI.parse(text).normalize.to_s }
      end

      it "replaces a value that it would refuse today, and keeps it where Salesforce has such a value" do
        ways(kind).each do |way|
          syncs = two_people(way, ann: "not a URL", bob: "neither one", to: ["HTTP://B.edu", "still none"])
          normalize_urls
          run, stored = called(syncs)
          expect(stored).to eq(["http://b.edu/", "neither one"])
          expect(issues(run, :unknown_value).size).to eq(1)
        end
      end

      it "can undo it, unless the value is refused" do
        syncs = two_people(:records, ann: "HTTP://A.edu", bob: "neither one", to: %w[HTTP://B.edu http://c.edu])
        normalize_urls
        undone = syncs.call.undo!
        expect([undone.applied.size, undone.errors.map(&:exception)]).to eq([1, ["URI::InvalidURIError"]])
        expect(Person.order(:id).pluck(:status)).to eq(%w[http://a.edu/ http://c.edu/])
      end
    end
  end
end
