# frozen_string_literal: true

require "rails_helper"
require_relative "../support/contact_sync_world"

# The form in which values are written back. A value without one is an error in the transaction of the change.
RSpec.describe CrmSync::Outbound do
  include ContactSyncWorld

  moment = Time.new(2026, 11, 28, 12, 0, 0, "+02:00")
  taken = {
    moment => '"2026-11-28T10:00:00.000Z"', moment.to_datetime => '"2026-11-28T10:00:00.000Z"',
    moment.in_time_zone("Asia/Tokyo") => '"2026-11-28T10:00:00.000Z"', Date.new(2026, 11, 28) => '"2026-11-28"',
    BigDecimal("218324162856046.94") => "218324162856046.94", BigDecimal("1e3") => "1000.0", 12 => "12", 1.5 => "1.5",
    true => "true", "Ä\n" => '"Ä\n"', :college => '"college"', "é".encode("ISO-8859-1") => '"é"'
  }
  taken.each do |value, json|
    it "gives a #{value.class} as Salesforce has it" do
      given = described_class.json("Fax" => value)
      expect([given, described_class.json(described_class.fields(given))]).to eq([%({"Fax":#{json}})] * 2)
    end
  end

  refused = {
    "a record" => -> { User.new }, "a set" => -> { Set[1] }, "a list" => -> { [1] }, "a Hash" => -> { { 1 => 2 } },
    "a class" => -> { User }, "no number" => -> { Float::NAN }, "an endless number" => -> { BigDecimal("Infinity") },
    "bytes" => -> { "\xFF" }, "a span of time" => -> { 3.days }
  }

  def odd_sync(way, value)
    allow_any_instance_of(User).to receive(:guessed_preferred_confirmed_email).and_return(value)
    sync_that do
      write way
      attribute :faculty_status, from: "Faculty_Verified__c", map: { "Confirmed" => :confirmed_faculty }
      write_back "Fax", with: :guessed_preferred_confirmed_email, on: { faculty_status: :confirmed_faculty }
    end
  end

  using_database :postgresql

  %i[records set_based].each do |way|
    refused.each do |what, value|
      it "sends #{what} nowhere: the change is an error and is not made, with write #{way.inspect}" do
        user = create_user(email: "ann@b.edu")
        salesforce_has contact("ann@b.edu", faculty: "Confirmed")
        run = odd_sync(way, value.call).call
        expect([run.applied, run.errors.map(&:exception)]).to eq([[], ["CrmSync::MappingError"]])
        expect(run.errors.first.message).to match(/write_back "Fax", with: :guessed_\w+: .*Salesforce/)
        expect(run.errors.first.message).not_to match(/#<|b\.edu/)
        expect([user.reload.salesforce_contact_id, CrmSync::OutboxRow.count,
                CrmSync::ChangeRow.count]).to eq([nil, 0, 0])
      end
    end
  end

  it "sends a moment and a decimal so, and Salesforce takes them" do
    create_user(email: "ann@b.edu")
    salesforce_has contact("ann@b.edu", faculty: "Confirmed")
    odd_sync(:records, BigDecimal("218324162856046.94")).call
    body = salesforce.requests.reverse.find { |request| request["method"] == "PATCH" }["body"]
    expect(body).to include("218324162856046.94")
  end
end
