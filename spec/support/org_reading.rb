# frozen_string_literal: true

require_relative "simulated"

# Helps specs of the client to read an org of many contacts in each way, and to see what is left of it.
module OrgReading
  SOQL = "SELECT Id, Email, Account.Name FROM Contact"
  ACCOUNT = { "Id" => "001000000000001AAA", "Name" => "Rice" }.freeze
  # States in which a job costs the server nothing any more.
  TERMINAL = %w[JobComplete Aborted Failed].freeze
  # A busy machine is given its time; specs of silence shorten it.
  SETTINGS = { read_timeout: 5, deadline: 30 }.freeze

  # The answers to the request of a fault; for groups as well, whose tables hold them.
  module Answers
    # An error as the REST API writes it.
    def api_error(status, code, message = "no reason")
      { error: { status:, code:, message: } }
    end

    def any_answer(status, text, **headers)
      { status: { status:, body: text, content_type: "application/json", headers: } }
    end
  end

  # Contacts of whom every other one has an account.
  def people(count)
    contacts(count).each_with_index { |contact, n| contact["AccountId"] = ACCOUNT["Id"] if n.even? }
  end

  # An org in which each way to read takes several requests.
  def org(count: 30, settings: {}, **options, &block)
    records = { "Contact" => people(count), "Account" => [ACCOUNT], "Lead" => [] }
    simulate(records:, page_size: 4, bulk_polls: 0, bulk_page_size: 8, settings: { **SETTINGS, **settings },
             **options, &block)
  end

  def client
    CrmSync::Salesforce.client
  end

  def read(way, soql = SOQL, **options)
    client.query(soql, by: way, **options).to_a
  end

  # Returns the rows that a read of such an org gives, whatever the way.
  def rows_of(count)
    people(count).map do |contact|
      { "Id" => contact["Id"], "Email" => contact["Email"], "Account" => contact["AccountId"] && { "Name" => "Rice" } }
    end
  end

  def sorted(rows)
    rows.sort_by { |row| row["Id"] }
  end

  def running_jobs(salesforce)
    salesforce.jobs.reject { |job| job["deleted"] || TERMINAL.include?(job["state"]) }
  end

  # The block fails like this, tells nothing about anybody, and leaves nothing behind.
  def expect_failure(salesforce, kind, facts, message, sign_ins: 1, requests: 30, &block)
    text = logged do
      expect(&block).to raise_error(kind, message) { |error|
        expect(error).to be_an_instance_of(kind).and have_attributes(service: "Salesforce", **facts)
        expect(error.full_message + error.inspect).to have_no_secret
        # Now, and not a little later: the process may end with this error.
        expect(running_jobs(salesforce)).to be_empty
      }
    end
    expect(text).to have_no_secret
    expect_few(salesforce, sign_ins:, requests:)
  end

  def expect_few(salesforce, sign_ins:, requests:)
    expect(self.sign_ins(salesforce)).to be <= sign_ins
    expect(salesforce.requests.size).to be <= requests
  end

  # Expects that nothing more is sent while the same threads read another org from end to end.
  def expect_silence(salesforce)
    sleep 0.1 # what was on the wire arrives
    seen = salesforce.requests.size
    org { 3.times { read(:parallel) } }
    sleep 0.1
    expect(salesforce.requests.size).to eq(seen)
  end

  RSpec.configure do |config|
    config.include self
    config.include Answers
    config.extend Answers
  end

  # Nothing about anybody is in a text, and nothing that signs in.
  RSpec::Matchers.define(:have_no_secret) do
    match { |text| !text.match?(/@|#{Simulated::SECRET}|\bBearer\b|00D\w+!|5Aep/i) }
  end
end
