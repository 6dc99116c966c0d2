# frozen_string_literal: true

require "rails_helper"
require "support/host_world"

# Thousands of changes may have one object as their value.
RSpec.describe CrmSync::Contacts::SharedValue do
  include HostWorld

  it "is the same value, of which nothing can be altered" do
    given = { "a" => ["b", { "c" => +"d" }] }.with_indifferent_access
    shared = described_class.of(given)
    expect(shared).to eq(given).and be_a(ActiveSupport::HashWithIndifferentAccess)
    expect([shared, shared[:a], shared[:a].first, shared[:a].last, shared[:a].last[:c]]).to all(be_frozen)
    expect([given, given[:a], given[:a].last[:c]]).not_to include(be_frozen)
    moment = Time.utc(2020)
    expect(described_class.of(moment)).to be(moment)
  end

  on_each_host_database do
    it "is what changes have, from a plan or from its file" do
      people_table { |t| t.json :prefs }
      wanted = { "list" => %w[a] }
      syncs = person_sync { attribute :prefs, from: "Value__c", map: { "A" => wanted } }
      people = %w[ann bob].map { |name| person("#{name}@b.edu", prefs: { "old" => [1] }) }
      salesforce_has(*%w[ann bob].map { |name| contact("#{name}@b.edu", "Value__c" => "A") })
      plan = syncs.plan
      plan.save(File.join(scratch, "sync.plan"))
      [plan, CrmSync::Plan.load(File.join(scratch, "sync.plan"))].each do |one|
        change = one.changes.first
        expect { change.after[:prefs]["list"] << "b" }.to raise_error(FrozenError)
        expect { change.before[:prefs].delete("old") }.to raise_error(FrozenError)
      end
      expect(plan.apply(allow: HostWorld::ALL).status).to eq(:applied)
      expect(people.map { |person| person.reload.prefs }).to eq([wanted, wanted])
    end
  end
end
