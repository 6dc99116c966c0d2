# frozen_string_literal: true

require "rails_helper"
require "support/host_world"

# Covers `encrypts` of Rails 7, and the types by which other gems encrypt.
RSpec.describe "a host with encrypted columns" do
  include HostWorld

  on_each_host_database do |kind|
    [true, false].each do |salted|
      it "is told that #{salted ? "salted" : "deterministic"} addresses cannot be matched" do
        people_table
        Mail.attribute :address, sealed(salted:)
        person("ann@b.edu")
        expect_refusal(person_sync, "mails.address is matched as it is in the database")
      end

      it "is told that a #{salted ? "salted" : "deterministic"} foreign key cannot be followed" do
        people_table
        Person.attribute :contact, sealed(salted:)
        expect_refusal(person_sync, "people.contact cannot hold an id")
      end
    end

    it "is told that a key which the model shows in another form cannot be used" do
      people_table
      prefixed = Class.new(ActiveRecord::Type::Integer) { def deserialize(value) = value && "usr_#{value}" }
      Person.attribute :id, prefixed.new
      expect_refusal(person_sync, "people.id is read as it is in the database")
    end

    it "has its salted values compared, not their ciphertexts" do
      people_table { |t| t.string :status }
      Person.attribute :status, sealed(salted: true)
      ways(kind).each do |way|
        syncs = person_sync(way) { attribute :status, from: "Status__c", map: { "Yes" => "Confirmed", "No" => "Open" } }
        one = person("ann@b.edu", status: "Confirmed")
        other = person("bob@b.edu", status: "Confirmed")
        salesforce_has contact("ann@b.edu", "Status__c" => "Yes"), contact("bob@b.edu", "Status__c" => "No")
        plan = syncs.plan
        expect(plan.changes.map { |change| change.after.slice(:status) }).to eq([{}, { status: "Open" }])
        run = plan.apply(allow: HostWorld::ALL)
        expect([run.status, run.stale]).to eq([:applied, {}])
        expect([one, other].map { |person| person.reload.status }).to eq(%w[Confirmed Open])
        expect(Person.connection.select_values("SELECT status FROM people")).not_to include("Open")
        expect(syncs.plan.changes).to be_empty
        [Mail, Person].each(&:delete_all)
      end
    end

    it "still sees that another hand has changed a salted value" do
      people_table { |t| t.string :status }
      Person.attribute :status, sealed(salted: true)
      ways(kind).each do |way|
        syncs = person_sync(way) { unmatched set: { status: "Open" } }
        ann = person("ann@b.edu", status: "Confirmed")
        salesforce_has contact("bob@b.edu")
        plan = syncs.plan
        ann.update!(status: "Rejected")
        expect(plan.apply(allow: HostWorld::ALL).stale.values).to eq(["status has changed"])
        [Mail, Person].each(&:delete_all)
      end
    end
  end

  context "with the encryption of Rails", if: ActiveRecord.version >= Gem::Version.new("7.0") do
    using_database :sqlite, fresh: true

    before { configure }

    def configure(primary_key: "p" * 32)
      ActiveRecord::Encryption.configure(primary_key:, deterministic_key: "d" * 32, key_derivation_salt: "s" * 32)
    end

    [true, false].each do |deterministic|
      it "is told that addresses cannot be matched, deterministic: #{deterministic}" do
        people_table
        Mail.encrypts(:address, deterministic:)
        expect_refusal(person_sync, "mails.address .* is encrypted")
      end

      it "has values compared, deterministic: #{deterministic}" do
        people_table { |t| t.text :status }
        Person.encrypts(:status, deterministic:)
        person("ann@b.edu", status: "Confirmed")
        syncs = person_sync { attribute :status, from: "Status__c" }
        salesforce_has contact("ann@b.edu", "Status__c" => "Confirmed")
        expect(syncs.plan.changes.map(&:after)).to all(include(:contact))
        expect(syncs.call.status).to eq(:applied)
        expect(syncs.plan.changes).to be_empty
      end
    end

    def status_sync(way = :records)
      person_sync(way) { attribute :status, from: "Status__c" }
    end

    it "keeps a text that is not encrypted, such as one from before, and reports it" do
      people_table { |t| t.text :status }
      person("ann@b.edu", status: "Open")
      Person.encrypts :status
      salesforce_has contact("ann@b.edu", "Status__c" => "Confirmed")
      run = status_sync.call
      expect([run.errors, run.issues.map(&:kind), run.applied.size]).to eq([[], %i[unreadable_value], 1])
      expect(tables.select_values("SELECT status FROM people")).to eq(%w[Open])
    end

    it "has a history after its keys have been replaced, and writes nothing that was undone" do
      people_table { |t| t.text :status }
      Person.encrypts :status
      ann = contact("ann@b.edu", "Status__c" => "Confirmed")
      person("ann@b.edu", status: "Open", contact: ann["Id"])
      salesforce_has ann
      status_sync.call.undo!
      configure(primary_key: "q" * 32)
      people_models
      Person.encrypts :status
      Person.update_all(status: "Open")
      expect(status_sync.call).to have_attributes(status: :unchanged, issues: match([have_attributes(kind: :undone)]))
      expect(PersonSync.thaw(Person.first.id)).to eq(%i[status])
      expect([PersonSync.call.status, Person.first.status]).to eq([:applied, "Confirmed"])
    end

    it "says that there are no keys" do
      people_table { |t| t.text :status }
      Person.encrypts :status
      person("ann@b.edu", status: "Open")
      salesforce_has contact("ann@b.edu", "Status__c" => "Confirmed")
      configure(primary_key: nil)
      expect { status_sync.call }.to raise_error(ActiveRecord::Encryption::Errors::Configuration, /primary_key/)
    end
  end

  context "with the encryption of Rails on PostgreSQL", if: ActiveRecord.version >= Gem::Version.new("7.0") do
    using_database :postgresql, fresh: true

    it "is told that write :set_based does not write what it shows with ignore_case" do
      people_table { |t| [t.text(:status), t.text(:original_status)] }
      Person.encrypts :status, deterministic: true, ignore_case: true
      sync = person_sync(:set_based) { attribute :status, from: "Status__c" }
      expect_refusal(sync, "status is encrypted with ignore_case:, .* say write :records")
    end
  end
end
