# frozen_string_literal: true

# The old way and ours side by side in one run, on PostgreSQL: wall time, and peak memory over a bare Rails boot.
#
#   bin/bench                       10,000 contacts, 100,000 users, medians of 5
#   bin/bench 100000 1000000 5 1    contacts, users, runs of ours, runs of the old way (0 leaves it out)
#   bin/bench 100000 1000000 5 0 steady some    these cases only
#   bin/bench --set-based 10000 100000 3 0 first    the same sync with `write :set_based` beside it, as it is declared
#                                                   and with `after_batch`; the ratio is then that of ours to each
#   bin/bench --uuid 100000 1000000 5 0             the same sync matched by a UUID beside it
#
# Three cases: everybody is linked and nothing changes; 5 % of the linked change; nobody is linked yet. Salesforce is
# the simulator in a process of its own. Every measured run is a process of its own on a fresh copy of the database.

require "json"
require "open3"
require_relative "../spec/support/postgres"
require_relative "data"

sets = ARGV.delete("--set-based") ? { "  set-based" => "set_based", "  … after_batch" => "set_based_batches" } : {}
sets["  by UUID"] = "by_uuid" if ARGV.delete("--uuid")
given = ARGV.first(4).map { |number| Integer(number) }
contacts, users, ours, old = given + [10_000, 100_000, 5, 1].drop(given.size)
CASES = { "nothing to change" => :steady, "5 % changed" => :some, "nobody linked yet" => :first }.freeze
wanted = ARGV.drop(4).map(&:to_sym)

# Runs one way in a child; gives what it measured.
def child(way, env)
  out, status = Open3.capture2({ "RAILS_ENV" => "development", **env }, RbConfig.ruby, File.join(__dir__, "child.rb"),
                               way)
  abort "#{way} failed" unless status.success?
  JSON.parse(out.lines.last)
end

def median(values)
  values.sort[values.size / 2]
end

def measure(way, runs, database, env)
  results = Array.new(runs) { child(way, { **env, "DATABASE_URL" => database.copy }) }
  wall, peak = %w[wall peak].map { |measured| median(results.map { |result| result[measured] }) }
  { wall:, peak:, said: results.last["said"] }
end

def seconds(result)
  result ? format("%.2f s", result[:wall]) : "–"
end

def memory(result, boot)
  result ? format("%.0f MB", (result[:peak] - boot[:peak]) / 1024.0) : "–"
end

def ratio(slow, fast)
  slow ? format("%.1fx", slow[:wall] / fast[:wall]) : "–"
end

FORMAT = "%-20s %10s %10s %8s %12s %12s  %s"
puts "#{contacts} contacts, #{users} users; medians of #{ours} runs of ours, #{old} of the old way"
puts format(FORMAT, "", "ours", "old way", "ratio", "ours memory", "old memory", "ours said")
boot = Bench::Data.new(1, 1).then { |database| measure("boot", 3, database, {}) }

CASES.each do |title, kind|
  next unless wanted.empty? || wanted.include?(kind)

  database = Bench::Data.new(contacts, users, linked: kind != :first)
  org = IO.popen([RbConfig.ruby, File.join(__dir__, "org.rb"), contacts.to_s, kind.to_s], "r+")
  env = { "CRM_SYNC_SALESFORCE_HOST" => org.gets.strip, "CRM_SYNC_SALESFORCE_CLIENT_ID" => "x",
          "CRM_SYNC_SALESFORCE_CLIENT_SECRET" => "x" }
  new_way = measure("ours", ours, database, env)
  old_way = measure("old", old, database, env) if old.positive?
  puts format(FORMAT, title, seconds(new_way), seconds(old_way), ratio(old_way, new_way), memory(new_way, boot),
              memory(old_way, boot), new_way[:said])
  sets.each do |name, way|
    result = measure(way, ours, database, env)
    puts format(FORMAT, name, seconds(result), "–", ratio(new_way, result), memory(result, boot), "–", result[:said])
  end
  org.close
end
