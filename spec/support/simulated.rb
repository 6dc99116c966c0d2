# frozen_string_literal: true

require "logger"
require "stringio"

# A small org and the users who fit to it, and looks at what a run left behind.
module Simulated
  SECRET = "simulated-secret-Zw4"

  # The id of the nth contact.
  def contact_id(number)
    format("003%012dAAA", number)
  end

  def contacts(count)
    (1..count).map do |n|
      { "Id" => contact_id(n), "Email" => "teacher#{n}@example.edu", "Faculty_Verified__c" => "Confirmed" }
    end
  end

  # A simulator with contacts that are alike, so that a spec only says what is special about it. A fault that is
  # given without its object is about the contacts.
  def simulate(contacts: 5, page_size: 2, faults: [], settings: {}, **options, &block)
    records = { "Contact" => contacts(contacts), "Lead" => [] }
    options = { records:, client_secret: SECRET, **options }
    CrmSync::Testing::Salesforce.start(page_size:, faults:, settings:, **options, &block)
  end

  # For the environment of a child process, which then finds this process's simulator.
  def pointing_at(salesforce)
    { "CRM_SYNC_SALESFORCE_HOST" => salesforce.url, "CRM_SYNC_SALESFORCE_CLIENT_ID" => "simulator",
      "CRM_SYNC_SALESFORCE_CLIENT_SECRET" => SECRET, "CRM_SYNC_SALESFORCE_RETRY_DELAY" => "0.01" }
  end

  # Users who fit to the contacts, none of them linked.
  def create_teachers(count)
    create_users(count) { |n| { email: "teacher#{n + 1}@example.edu" } }
  end

  def linked
    User.where.not(salesforce_contact_id: nil)
  end

  # All that the database holds, but for the history's word that there was a run.
  def everything
    tables = ActiveRecord::Base.connection.tables.sort - [CrmSync::RunRow.table_name]
    tables.to_h { |table| [table, ActiveRecord::Base.connection.select_rows("SELECT * FROM #{table}").sort_by(&:to_s)] }
  end

  # Returns the updates that Salesforce was asked for: ids, each with its fields. Leaves out those that were not
  # answered well, if so asked.
  def writes_to(simulator, answered: false)
    asked = simulator.requests.select { |request| request["method"] == "PATCH" }
    asked = asked.select { |request| (200..299).cover?(request["status"]) } if answered
    asked.flat_map { |request| written_by(request["path"], JSON.parse(request["body"])) }
  end

  def written_by(path, body)
    return [] if path.include?("/jobs/")

    body["records"].map { |row| [row["id"], row.except("id", "attributes")] }
  end

  def sign_ins(simulator)
    simulator.requests.count { |request| request["path"] == "/services/oauth2/token" }
  end

  # Waits until something is so; a net, not a measure.
  def eventually(seconds = 90)
    deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + seconds
    until (found = yield)
      raise "it did not come to that within #{seconds} s" if Process.clock_gettime(Process::CLOCK_MONOTONIC) > deadline

      Thread.pass
      sleep 0.005
    end
    found
  end

  # All log lines, down to the smallest, while the block runs.
  def logged
    text = StringIO.new
    before = CrmSync.configuration.logger
    CrmSync.configuration.logger = Logger.new(text)
    yield
    text.string
  ensure
    CrmSync.configuration.logger = before
  end

  # Memory that this process has, in MiB.
  def resident
    File.read("/proc/self/status")[/^VmRSS:\s+(\d+)/, 1].to_i / 1024
  end

  RSpec.configure { |config| config.include self }
end
