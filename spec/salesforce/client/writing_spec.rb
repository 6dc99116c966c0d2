# frozen_string_literal: true

require "crm_sync/testing"
require "support/org_reading"

# Creates and upserts: 200 a call, each row with its own end, and nothing twice.
RSpec.describe CrmSync::Salesforce::Client do
  include OrgReading

  def teachers(numbers)
    numbers.map { |n| { "Key__c" => "k#{n}", "LastName" => "Lee #{n}", "Fax" => n.to_s } }
  end

  # An org with these contacts, whose Key__c is an external id.
  def org_with(contacts: [], unique: %w[Key__c], **options, &block)
    options = { external_ids: { "Contact" => %w[Key__c] }, unique: { "Contact" => unique }, **options }
    simulate(records: { "Contact" => contacts }, **options, &block)
  end

  def keys(salesforce)
    salesforce.records("Contact").map { |row| row["Key__c"] }
  end

  def calls(salesforce)
    salesforce.requests.count { |request| request["path"].include?("/composite/sobjects") }
  end

  def upserted(rows)
    client.upsert("Contact", rows, by: "Key__c")
  end

  lost = { on: :update, times: 1, answer: :lost_answer }

  describe "#create" do
    it "creates 10,000 records in 50 calls, and tells of each that is refused" do
      org_with do |salesforce|
        rows = teachers(1..10_000).each.with_index { |row, index| row.delete("LastName") if (index % 33).zero? }
        results = client.create("Contact", rows)
        expect(results.map(&:status).tally).to eq(created: 9_696, refused: 304)
        expect(results.map(&:ok?)).to eq(rows.map { |row| row.key?("LastName") })
        expect(results.first.error).to have_attributes(code: "REQUIRED_FIELD_MISSING", status: 200)
        expect(results.first.to_s).to match(/\Arefused: .*the creation of Contact row 1 failed: .*\[LastName\]/)
        there = salesforce.records("Contact").to_h { |row| [row["Id"], row["Key__c"]] }
        expect(results.zip(rows)).to all(satisfy { |result, row| !result.ok? || there[result.id] == row["Key__c"] })
        expect([there.size, calls(salesforce)]).to eq([9_696, 50])
      end
    end

    it "creates nothing twice where an answer is lost, and says which rows may be there" do
      org_with(faults: [lost]) do |salesforce|
        results = client.create("Contact", teachers(1..400))
        expect(results.map(&:status).tally).to eq(unknown: 200, created: 200)
        expect(results.find { |result| result.status == :unknown }.error.message)
          .to include("it may be there all the same: look for it before you write it again")
        expect(keys(salesforce)).to match_array((1..400).map { |n| "k#{n}" })
      end
    end

    %i[truncate cut_json html hang].each do |answer|
      it "sends nothing again after the answer #{answer}" do
        org_with(faults: [{ on: :update, answer: }], settings: { read_timeout: 0.3 }) do |salesforce|
          expect(client.create("Contact", teachers(1..3)).map(&:status)).to eq(%i[unknown] * 3)
          expect(calls(salesforce)).to eq(1)
        end
      end
    end

    it "sends again what is sure not to be there" do
      faults = [{ on: :update, times: 1, answer: { retry_after: 0 } }, { on: :update, times: 1, answer: :expire },
                { on: :update, times: 1, answer: { row_failures: { count: 2, code: "UNABLE_TO_LOCK_ROW" } } }]
      org_with(faults:) do |salesforce|
        expect(client.create("Contact", teachers(1..5)).map(&:status)).to eq(%i[created] * 5)
        expect(keys(salesforce)).to match_array(%w[k1 k2 k3 k4 k5])
      end
    end

    it "sends a list that is refused as a whole in halves" do
      org_with(faults: [{ on: :update, times: 1, answer: api_error(400, "JSON_PARSER_ERROR") }]) do |salesforce|
        expect(client.create("Contact", teachers(1..8)).map(&:status)).to eq(%i[created] * 8)
        expect(calls(salesforce)).to eq(3)
      end
    end

    it "says of what is left that it was not tried where Salesforce takes nothing any more" do
      spent = api_error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
      org_with(faults: [{ on: :update, answer: spent }]) do |salesforce|
        results = client.create("Contact", teachers(1..4_000))
        expect(results.map(&:status).uniq).to match_array(%i[refused not_tried])
        expect(results.map(&:error)).to include(be_a(CrmSync::QuotaExceeded))
        expect([keys(salesforce), calls(salesforce) < 20]).to eq([[], true])
      end
    end

    it "sends nothing where a row cannot be one" do
      org_with do |salesforce|
        bad = { /row 2 has an Id; .* written with update/ => { "id" => contact_id(1) },
                /not a number that Salesforce/ => { "Sum__c" => Float::INFINITY } }
        bad.each do |message, row|
          expect { client.create("Contact", [{ "LastName" => "Lee" }, row]) }.to raise_error(ArgumentError, message)
        end
        expect { client.create("Contact/x", []) }.to raise_error(ArgumentError, /is not a name/)
        expect(client.create("Contact", [])).to eq([])
        expect(salesforce.requests).to be_empty
      end
    end
  end

  describe "#upsert" do
    it "writes 10,000 records in 50 calls, and tells of each whether it is new, or why it was refused" do
      there = teachers(1..5_000).map.with_index(1) { |row, n| row.merge("Id" => contact_id(n), "Fax" => "old") }
      org_with(contacts: there) do |salesforce|
        rows = teachers(1..10_000).each { |row| row["LastName"] = nil if (row["Fax"].to_i % 33).zero? }
        results = upserted(rows)
        expect(results.map(&:status).tally).to eq(updated: 4_849, created: 4_848, refused: 303)
        expect(results.first).to have_attributes(status: :updated, id: contact_id(1), error: nil)
        expect(results[32].error).to have_attributes(code: "REQUIRED_FIELD_MISSING")
        faxes = salesforce.records("Contact").to_h { |row| row.values_at("Key__c", "Fax") }
        expect(faxes.size).to eq(5_000 + 4_848)
        expect(rows.zip(results)).to all(satisfy { |row, result| !result.ok? || faxes[row["Key__c"]] == row["Fax"] })
        expect(calls(salesforce)).to eq(50)
      end
    end

    it "sends again where an answer is lost, and says that nobody can tell what is new" do
      org_with(contacts: teachers([1]), faults: [lost]) do |salesforce|
        results = upserted(teachers(1..250))
        expect(results.map(&:status).tally).to eq(saved: 200, created: 50).or eq(saved: 50, created: 199, updated: 1)
        expect(results).to all(be_ok)
        expect(results.map(&:id)).to all(match(/\A003/))
        expect(keys(salesforce)).to match_array((1..250).map { |n| "k#{n}" })
      end
    end

    it "says created where the call that is repeated is the one that does it" do
      org_with(faults: [{ on: :update, times: 1, answer: :close }]) do |salesforce|
        expect(upserted(teachers(1..3)).map(&:status)).to eq(%i[created] * 3)
        expect(keys(salesforce)).to eq(%w[k1 k2 k3])
      end
    end

    it "waits for the lost call where that is still at work" do
      taken = { row_failures: { count: 3, code: "DUPLICATE_VALUE", message: "duplicate value found" } }
      org_with(faults: [lost, { on: :update, times: 1, answer: taken }]) do |salesforce|
        expect(upserted(teachers(1..3)).map(&:status)).to eq(%i[saved] * 3)
        expect(keys(salesforce)).to eq(%w[k1 k2 k3])
      end
    end

    it "sends nothing again by a field that is not unique" do
      org_with(unique: [], faults: [lost]) do |salesforce|
        expect(upserted(teachers(1..3)).map(&:status)).to eq(%i[unknown] * 3)
        expect([keys(salesforce), calls(salesforce)]).to eq([%w[k1 k2 k3], 1])
      end
    end

    it "takes rows that can be gone through once only" do
      org_with do |salesforce|
        rows = teachers(1..3)
        once = Enumerator.new { |list| list << rows.shift until rows.empty? }
        expect(upserted(once).map(&:status)).to eq(%i[created] * 3)
        expect(keys(salesforce)).to eq(%w[k1 k2 k3])
      end
    end

    it "tells of a row that several records could be" do
      org_with(contacts: teachers([1, 1, 2]), unique: []) do
        results = upserted(teachers([1, 2]))
        expect(results.map(&:status)).to eq(%i[refused updated])
        expect(results.first.error).to have_attributes(code: "DUPLICATE_EXTERNAL_ID")
      end
    end

    it "refuses all by a field that is no external id" do
      org_with do |salesforce|
        results = client.upsert("Contact", teachers(1..2), by: "Fax")
        expect(results.map { |result| [result.status, result.error.code] }).to eq([[:refused, "NOT_FOUND"]] * 2)
        expect(keys(salesforce)).to eq([])
      end
    end

    it "sends nothing where a row cannot be one" do
      org_with do |salesforce|
        bad = { /row 1 has no Key__c/ => [{ "LastName" => "Lee", "Key__c" => "" }],
                /row 2 is about Contact k1, as row 1 is/ => teachers([1, 1]),
                /row 1 has an Id/ => [{ "Key__c" => "k1", Id: contact_id(1) }] }
        bad.each { |message, rows| expect { upserted(rows) }.to raise_error(ArgumentError, message) }
        expect { client.upsert("Contact", [], by: "Key c") }.to raise_error(ArgumentError, /is not a name/)
        expect { client.upsert("Contact", [], by: "Id") }.to raise_error(ArgumentError, /by an external id.*update/)
        expect(salesforce.requests).to be_empty
      end
    end
  end
end
