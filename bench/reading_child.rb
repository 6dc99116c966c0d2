# frozen_string_literal: true

# One measured process of the benchmark of reading: does what it is told, and prints seconds, seconds of processor time,
# memory over the start in KiB, the number of rows, and a digest of them that does not depend on their order.

require "json"
require "net/http"
require "zlib"
$LOAD_PATH.unshift(File.expand_path("../lib", __dir__))
require "crm_sync"

FIELDS = %w[Id AccountId Email Email_alt__c FirstName LastName Title Phone MailingCity MailingState MailingCountry
            Faculty_Verified__c School_Type__c Adoption_Status__c Grant_Tutor_Access__c Number_of_Students__c LeadSource
            Title_1_school__c CreatedDate SystemModstamp].freeze
ALL = "SELECT #{FIELDS.join(", ")} FROM Contact".freeze
FEW = "SELECT Id, Email, Number_of_Students__c, Grant_Tutor_Access__c, CreatedDate FROM Contact"

# Reads as a script does without us: gunzip and JSON into Hashes, page after page.
def plain(soql)
  host = URI(ENV.fetch("CRM_SYNC_SALESFORCE_HOST"))
  Net::HTTP.start(host.host, host.port) do |http|
    token = token(http)
    path = "/services/data/v66.0/query?#{URI.encode_www_form(q: soql)}"
    while path
      page = JSON.parse(http.get(path, "Authorization" => "Bearer #{token}").body)
      page["records"].each { |row| yield row.except("attributes") }
      path = page["nextRecordsUrl"]
    end
  end
end

def token(http)
  form = URI.encode_www_form(grant_type: "client_credentials", client_id: "x", client_secret: "x")
  JSON.parse(http.post("/services/oauth2/token", form).body)["access_token"]
end

# The columns of a sync, decided on for nobody: what our side of a read costs.
def columns
  require "tmpdir"
  ENV["DUMMY_FOLDER"] = Dir.mktmpdir
  ENV["DATABASE_URL"] = "sqlite3:#{ENV.fetch("DUMMY_FOLDER", nil)}/bench.sqlite3"
  require_relative "../spec/dummy/config/environment"
  ActiveRecord::Schema.verbose = false
  load File.expand_path("../spec/dummy/db/schema.rb", __dir__)
  UpdateUserSalesforceInfo.declaration # loaded
  measured { UpdateUserSalesforceInfo.plan.ledger[:contacts].rows }
ensure
  FileUtils.rm_rf(ENV.fetch("DUMMY_FOLDER"))
end

def batches(way, &)
  return plain(ALL) { |row| yield [row] } if way == "plain"

  CrmSync::Salesforce.client.each_batch(way == "few" ? FEW : ALL, by: ARGV.fetch(1).to_sym, &)
end

def memory(kind)
  File.read("/proc/self/status")[/#{kind}:\s+(\d+)/, 1].to_i
end

def measured
  GC.start
  before = memory("VmRSS")
  wall = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  cpu = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID)
  rows, digest = yield
  cpu = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID) - cpu
  wall = Process.clock_gettime(Process::CLOCK_MONOTONIC) - wall
  puts JSON.generate(wall:, cpu:, memory: memory("VmHWM") - before, rows:, digest:)
end

case way = ARGV.fetch(0)
when "columns" then columns
when "parse" then measured { [].tap { |kept| plain(ALL) { |row| kept << row } }.size }
else
  measured do
    rows = sum = 0
    batches(way) do |batch|
      rows += batch.size
      batch.each { |row| sum ^= Zlib.crc32(row.values.join("|")) } if ARGV[2] == "digest"
    end
    [rows, (sum.to_s(16) if ARGV[2] == "digest")]
  end
end
