# frozen_string_literal: true

require "rails_helper"
require "active_support/testing/time_helpers"
require "support/contact_sync_world"

# Covers the state that one run leaves for the next, whatever plans are applied, and when.
RSpec.describe "what a contact sync remembers" do
  include ActiveSupport::Testing::TimeHelpers
  include ContactSyncWorld

  using_database :sqlite

  after { travel_back }

  # A sync that unlinks after so many full reads in a row.
  def patient_sync(after: 2)
    sync_that { contact_missing set: {}, after: }
  end

  def one_is_gone
    linked_user({ "Id" => salesforce_id("003") }, email: "gone@b.edu")
    salesforce_has contact("other@b.edu"), view_all_data: :withheld
    create_user(email: "other@b.edu")
  end

  def planned(sync)
    sync.plan.changes.map(&:action)
  end

  def rows_of_contacts(sync)
    states = CrmSync::StateRow.where(sync: sync.name).where("name LIKE 'sources of %'")
    JSON.generate(states.map { |row| JSON.parse(row.value) })
  end

  it "is one read, also where a plan is applied twice" do
    one_is_gone
    patient = patient_sync(after: 3)
    plan = patient.plan
    2.times { plan.apply }
    expect(planned(patient)).not_to include(:unlink)
    patient.plan.apply
    expect(planned(patient)).to include(:unlink)
  end

  it "is not what an older plan has read" do
    one_is_gone
    patient = patient_sync
    old = patient.plan
    salesforce_has(*Array.new(3) { |n| contact("new#{n}@b.edu") })
    patient.call
    newer = rows_of_contacts(patient)
    old.apply
    expect(rows_of_contacts(patient)).to eq(newer)
  end

  it "is not kept from going on by a clock that was wrong" do
    one_is_gone
    patient = patient_sync
    travel_to(1.year.from_now) { patient.call }
    wrong = rows_of_contacts(patient)
    salesforce_has(*Array.new(3) { |n| contact("new#{n}@b.edu") })
    patient.call
    expect(rows_of_contacts(patient)).not_to eq(wrong)
  end
end
