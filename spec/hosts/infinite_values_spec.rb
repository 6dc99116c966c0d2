# frozen_string_literal: true

require "rails_helper"
require "support/host_world"

# Columns of PostgreSQL can hold values for which JSON has no number, and one that does not equal itself.
RSpec.describe "a host with a stored value that is no number, or infinite" do
  include HostWorld

  # Stores the value for one who gets a contact, and for one who has it.
  def two_people(type, value, to)
    people_table { |t| t.column(:share, type) }
    known = contact(nil, "Share__c" => to)
    people = [person("ann@b.edu"), person(nil, contact: known["Id"])]
    tables.execute("UPDATE people SET share = #{value}")
    salesforce_has known, contact("ann@b.edu", "Share__c" => to)
    people
  end

  def shares = tables.select_values("SELECT share::text FROM people ORDER BY id")

  def kept(plan)
    path = File.join(scratch, "infinite.plan")
    plan.save(path)
    CrmSync::Plan.load(path)
  end

  on_host_postgresql do
    [["double precision", "'NaN'", 2.5], ["double precision", "'-Infinity'", 2.5], ["numeric", "'NaN'", 2],
     ["date", "'infinity'", "2022-02-24"]].product(BothWriters::WAYS).each do |(type, value, to), way|
      it "has it replaced and put back, #{value} in #{type}, with #{way}" do
        two_people(type, value, to)
        before = shares
        run = kept(person_sync(way) { attribute :share, from: "Share__c" }.plan).apply
        expect(run).to have_attributes(errors: [], stale: {}, applied: have_attributes(size: 2))
        expect(PersonSync.plan.changes).to eq([])
        expect(run.undo!).to have_attributes(errors: [], stale: {})
        expect(shares).to eq(before)
      end
    end
  end
end
