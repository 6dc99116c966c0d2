# frozen_string_literal: true

require "crm_sync/testing"
require "support/org_reading"

# Sessions that end, or cannot be opened, while the host's own code runs and while some rows are already written.
RSpec.describe CrmSync::Salesforce::Client do
  include OrgReading

  ended = [{ on: :next_page, times: 1, answer: :expire }]

  # Waits until the page that is read ahead has met a session that has ended.
  def wait_for_refusal(salesforce)
    Timeout.timeout(20) { sleep 0.01 until salesforce.requests.any? { |request| request["status"] == 401 } }
  end

  # Calls the block for the first row of a query of which the next page finds its session ended.
  def at_first_row(salesforce, rows = [])
    client.query(OrgReading::SOQL, by: :serial).each do |row|
      if rows.empty?
        wait_for_refusal(salesforce)
        yield row
      end
      rows << row
    end
    rows
  end

  {
    "a write" => ->(client, row) { client.update("Contact", [{ "Id" => row["Id"], "Fax" => "1" }]).map(&:status) },
    "another query" => ->(client, row) { client.query(OrgReading::SOQL).map { |other| other["Id"] } & [row["Id"]] }
  }.each do |what, nested|
    it "lets #{what} in the block of a query open the session for which the query waits" do
      org(faults: ended, latency_ms: 50, settings: { deadline: 5 }) do |salesforce|
        done = nil
        rows = at_first_row(salesforce) { |row| done = nested.call(client, row) }
        expect(sorted(rows)).to eq(rows_of(30))
        expect(done).to eq([:updated]).or eq([rows.first["Id"]])
        expect(sign_ins(salesforce)).to eq(2)
      end
    end
  end

  it "lets other threads read while the block of a query is busy" do
    org(faults: ended, latency_ms: 50, settings: { deadline: 5 }) do |salesforce|
      other = nil
      rows = at_first_row(salesforce) { other = Thread.new { read(:serial).size }.value }
      expect([rows.size, other]).to eq([30, 30])
    end
  end

  it "lets the block of a query take longer than the deadline" do
    org(faults: ended, latency_ms: 50, settings: { deadline: 1 }) do |salesforce|
      expect(at_first_row(salesforce) { sleep 1.5 }.size).to eq(30)
    end
  end

  refusal = JSON.generate(error: "invalid_grant", error_description: "no")
  {
    "refused" => [any_answer(400, refusal), CrmSync::AuthenticationError,
                  /\ASalesforce: the sign-in failed: .*\(HTTP 400, invalid_grant, 1 try in [\d.]+ s\)/],
    "not answered" => [any_answer(500, ""), CrmSync::RemoteError,
                       /\ASalesforce: the sign-in failed: no sign-in at the moment \(HTTP 500, \d tries in [\d.]+ s\)/]
  }.each do |how, (answer, kind, message)|
    describe "where a sign-in is #{how}" do
      no_sign_in = { on: :token, skip: 1, answer: }
      rows = Array.new(1_000) { |n| { "LastName" => "Lee #{n}" } }

      def created(salesforce) = salesforce.records("Contact").size - 30

      it "tells which rows were created before that" do
        org(faults: [{ on: :update, skip: 2, answer: :expire }, no_sign_in]) do |salesforce|
          results = client.create("Contact", rows, bulk: false)
          # Which of the calls that are sent at once still have a session is decided by the order of their arrival.
          expect(created(salesforce)).to eq(results.count(&:ok?)).and be <= 400
          expect(results.map(&:status).uniq - %i[created refused not_tried]).to eq([])
          refused = results.select { |result| result.status == :refused }.map(&:error)
          expect(refused).to all(be_an_instance_of(kind).and(have_attributes(message:, service: "Salesforce")))
        end
      end

      it "tells that it is not known what a job has created" do
        org(faults: [{ on: :job_status, times: 1, answer: :expire }, no_sign_in]) do
          expect(client.create("Contact", rows, bulk: true).map(&:status).uniq).to eq(%i[unknown])
        end
      end

      it "raises the error if nothing was sent" do
        org(faults: [{ on: :token, answer: }]) do |salesforce|
          [false, true].each do |bulk|
            expect { client.create("Contact", rows, bulk:) }.to raise_error(kind, message)
          end
          expect(created(salesforce)).to eq(0)
        end
      end
    end
  end
end
