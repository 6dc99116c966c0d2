# frozen_string_literal: true

require "crm_sync/testing"
require "support/org_reading"
require "timeout"

# Creates, updates and upserts by jobs of the Bulk API: a few requests, each row with its own end, and nothing twice.
RSpec.describe CrmSync::Salesforce::Client do
  include OrgReading

  def teachers(numbers)
    numbers.map { |n| { "Key__c" => "k#{n}", "LastName" => "Lee, #{n}", "Fax" => n.to_s } }
  end

  # An org with these contacts, whose Key__c is an external id.
  def org_with(contacts: [], **options, &block)
    keys = { "Contact" => %w[Key__c] }
    options = { external_ids: keys, unique: keys, bulk_polls: 1, **options }
    fields = { "Contact" => %w[Key__c LastName Fax Sum__c On__c At__c] }
    simulate(records: { "Contact" => contacts }, fields:, **options, &block)
  end

  def keys(salesforce)
    salesforce.records("Contact").map { |row| row["Key__c"] }
  end

  it "creates 10,000 records, and tells of each that is refused" do
    org_with do |salesforce|
      rows = teachers(1..10_000).each.with_index { |row, index| row.delete("LastName") if (index % 33).zero? }
      results = client.create("Contact", rows, bulk: true)
      expect(results.map(&:status).tally).to eq(created: 9_696, refused: 304)
      expect(results.map(&:ok?)).to eq(rows.map { |row| row.key?("LastName") })
      expect(results.first.error).to have_attributes(code: "REQUIRED_FIELD_MISSING", status: 200)
      expect(results.first.to_s).to match(/\Arefused: .*the creation of Contact row 1 failed: .*\[LastName\]/)
      there = salesforce.records("Contact").to_h { |row| [row["Id"], row["Key__c"]] }
      expect(results.zip(rows)).to all(satisfy { |result, row| !result.ok? || there[result.id] == row["Key__c"] })
      expect([there.size, salesforce.requests.size <= 12]).to eq([9_696, true])
    end
  end

  it "upserts 10,000 records, and tells of each whether it is new" do
    there = teachers(1..5_000).map.with_index(1) { |row, n| row.merge("Id" => contact_id(n), "Fax" => "old") }
    org_with(contacts: there) do |salesforce|
      rows = teachers(1..10_000).each { |row| row["LastName"] = nil if (row["Fax"].to_i % 33).zero? }
      results = client.upsert("Contact", rows, by: "Key__c", bulk: true)
      expect(results.map(&:status).tally).to eq(updated: 4_849, created: 4_848, refused: 303)
      expect(results.first).to have_attributes(status: :updated, id: contact_id(1), error: nil)
      faxes = salesforce.records("Contact").to_h { |row| row.values_at("Key__c", "Fax") }
      expect(faxes.size).to eq(5_000 + 4_848)
      expect(rows.zip(results)).to all(satisfy { |row, result| !result.ok? || faxes[row["Key__c"]] == row["Fax"] })
      expect(salesforce.requests.size).to be <= 12
    end
  end

  it "writes each value as a call would, and empties what is nil" do
    fields = { "Fax" => nil, "On__c" => Date.new(2026, 11, 28), "At__c" => Time.utc(2026, 11, 28, 10),
               "Sum__c" => BigDecimal("12345678901234567.89"), "LastName" => %(Lee, "A"\n#N/A) }
    written = [true, false].map do |bulk|
      org_with(contacts: [{ "Id" => contact_id(1), "Fax" => "1", "Sum__c" => 1.5 }]) do |salesforce|
        results = client.update("Contact", [{ "Id" => contact_id(1), **fields }], bulk:)
        expect(results.map(&:to_s)).to eq(["updated #{contact_id(1)}"])
        salesforce.records("Contact").first
      end
    end
    expect(written.first).to eq(written.last).and include("Fax" => nil, "On__c" => "2026-11-28")
  end

  it "uses jobs from as many rows on as the settings say, unless it is told otherwise" do
    org_with(settings: { bulk_from: 3 }) do |salesforce|
      jobs = [[2, nil], [3, nil], [3, false], [1, true]].map do |count, bulk|
        before = salesforce.jobs.size
        expect(client.create("Contact", [{ "LastName" => "Lee" }] * count, bulk:)).to all(be_ok)
        salesforce.jobs.size - before
      end
      expect(jobs).to eq([0, 1, 0, 1])
      expect(salesforce.jobs.last).to include("operation" => "insert", "state" => "JobComplete", "deleted" => true)
    end
  end

  %i[job job_upload job_close job_status job_results].each do |on|
    it "creates nothing twice where the answer to #{on} is lost" do
      org_with(faults: [{ on:, times: 1, answer: :lost_answer }]) do |salesforce|
        expect(client.create("Contact", teachers(1..300), bulk: true).map(&:status)).to eq(%i[created] * 300)
        expect(keys(salesforce)).to match_array((1..300).map { |n| "k#{n}" })
      end
    end
  end

  it "says what a job that somebody aborts has written, and that nobody knows the rest" do
    org_with(faults: [{ on: :job_close, answer: :job_aborted }]) do |salesforce|
      text = logged do
        results = client.create("Contact", teachers(1..10), bulk: true)
        expect(results.map(&:status)).to eq((%i[created] * 5) + (%i[unknown] * 5))
        expect(results.last.error.message).to match(/the Bulk API job 750\w+: it ended as Aborted; it may be there/)
      end
      expect(text).to match(/WARN.*the Bulk API job 750\w+: it ended as Aborted; it wrote 5 rows of 10/)
      expect(salesforce.jobs.first).to include("deleted" => false)
    end
  end

  it "leaves no job at work where nobody waits any more" do
    [ArgumentError, Interrupt].each do |stop|
      org_with(bulk_polls: 100_000) do |salesforce|
        thread = Thread.new { client.create("Contact", teachers(1..3), bulk: true) }
        thread.report_on_exception = false
        eventually { salesforce.jobs.any? { |job| job["state"] == "InProgress" } }
        thread.raise(stop)
        expect { thread.value }.to raise_error(stop)
        eventually { running_jobs(salesforce).empty? }
      end
    end
  end

  it "says what went wrong with a job as a whole, and does not go round for ever" do
    { api_error(400, "INVALIDJOB", "no such thing") => /the upsert of 3 Contact records failed: no such thing/,
      api_error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.") => /raise the org's limit/,
      :hang => /no answer in time/ }.each do |answer, message|
      org_with(faults: [{ on: :job_upload, answer: }], settings: { read_timeout: 0.2 }) do |salesforce|
        results = client.upsert("Contact", teachers(1..3), by: "Key__c", bulk: true)
        expect(results.map(&:status)).to eq(%i[refused] * 3)
        expect(results.first.error.message).to match(message).and have_no_secret
        expect([keys(salesforce), salesforce.requests.size < 20]).to eq([[], true])
      end
    end
  end
end
