# frozen_string_literal: true

require "rails_helper"
require "support/host_world"

# Columns for the contact's id, of 18 characters in which case matters.
RSpec.describe "a host with another kind of foreign key" do
  include HostWorld

  # Ann gets linked, and unlinked again by a plan that finds her as she was left.
  def link_and_unlink(way)
    sync = person_sync(way)
    ann = person("ann@b.edu")
    salesforce_has contact("ann@b.edu")
    write_all(sync)
    expect(ann.reload.contact.strip).to eq(salesforce.records("Contact").first["Id"])
    salesforce_has contact("bob@b.edu")
    write_all(sync)
    expect(ann.reload.contact).to be_nil
    [Mail, Person].each(&:delete_all)
  end

  def write_all(sync)
    run = sync.call(allow: HostWorld::ALL)
    expect([run.status, run.stale]).to eq([:applied, {}])
    expect(sync.plan.changes).to be_empty
  end

  on_each_host_database do |kind|
    { "an integer" => { contact: :integer }, "a short string" => { contact: :string, limit: 15 },
      "binary" => { contact: :binary } }.each do |what, options|
      it "is told that #{what} cannot hold an id" do
        people_table(**options)
        ways(kind).each { |way| expect_refusal(person_sync(way), "people.contact cannot hold an id of Salesforce's") }
      end
    end

    it "is told that everybody would have to have a contact" do
      people_table(null: false)
      expect_refusal(person_sync, "people.contact is NOT NULL")
    end

    it "is linked by a text, and by a string of just so many characters" do
      [{ contact: :text }, { limit: 18 }].each do |options|
        people_table(**options)
        ways(kind).each { |way| link_and_unlink(way) }
      end
    end
  end

  on_host_postgresql do |kind|
    %w[uuid character(15) inet text[]].each do |type|
      it "is told that #{type} cannot hold an id" do
        people_table(contact: type)
        ways(kind).each { |way| expect_refusal(person_sync(way), "people.contact cannot hold an id of Salesforce's") }
      end
    end

    it "is linked by char(n), which is filled up with blanks, and by citext" do
      tables.enable_extension("citext")
      %w[character(18) char(24) citext].each do |type|
        people_table(contact: type)
        ways(kind).each { |way| link_and_unlink(way) }
      end
    end

    it "is linked by an id of 15 characters in a longer char(n)" do
      people_table(contact: "char(20)")
      ann = contact("ann@b.edu")
      person(contact: ann["Id"].first(15))
      salesforce_has ann
      expect(person_sync.plan.changes).to be_empty
    end

    it "writes a char(n) in both ways, once" do
      people_table { |t| t.column :code, "char(6)" }
      ways(kind).each do |way|
        syncs = person_sync(way) { unmatched set: { code: "ab" } }
        [nil, "", "x", "ab  "].each { |code| person(code:) }
        salesforce_has contact("bob@b.edu")
        run = syncs.call(allow: HostWorld::ALL)
        expect([run.applied.size, run.stale, run.errors]).to eq([3, {}, []])
        expect(syncs.plan.changes).to be_empty
        Person.delete_all
      end
    end

    it "takes back a change of a char(n)" do
      people_table { |t| t.column :code, "char(6)" }
      ann = person(code: "x")
      salesforce_has contact("bob@b.edu")
      run = person_sync { unmatched set: { code: "ab" } }.call(allow: HostWorld::ALL)
      run.undo!
      expect(ann.reload.code.strip).to eq("x")
    end
  end
end
