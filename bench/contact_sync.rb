# frozen_string_literal: true

# The old way and ours side by side in one run, on PostgreSQL: wall time, and peak memory over a bare Rails boot.
#
#   bin/bench                       10,000 contacts, 100,000 users, medians of 5
#   bin/bench 100000 1000000 5 1    contacts, users, runs of ours, runs of the old way (0 leaves it out)
#   bin/bench 100000 1000000 5 0 steady some    these cases only
#
# Three cases: everybody is linked and nothing changes; 5 % of the linked change; nobody is linked yet. Salesforce is
# the simulator in a process of its own. Every measured run is a process of its own on a fresh copy of the database.

require "json"
require "open3"
require_relative "../spec/support/postgres"
require_relative "data"

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
  { wall: median(results.map { |r| r["wall"] }), peak: median(results.map do |r|
                                                                r["peak"]
                                                              end), said: results.last["said"] }
end

puts "#{contacts} contacts, #{users} users; medians of #{ours} runs of ours, #{old} of the old way"
puts format("%-20s %10s %10s %8s %12s %12s  %s", "", "ours", "old way", "ratio", "ours memory", "old memory",
            "ours said")
boot = Bench::Data.new(1, 1).then { |database| measure("boot", 3, database, {}) }

CASES.each do |title, kind|
  next unless wanted.empty? || wanted.include?(kind)

  database = Bench::Data.new(contacts, users, linked: kind != :first)
  org = IO.popen([RbConfig.ruby, File.join(__dir__, "org.rb"), contacts.to_s, kind.to_s], "r+")
  env = { "CRM_SYNC_SALESFORCE_HOST" => org.gets.strip, "CRM_SYNC_SALESFORCE_CLIENT_ID" => "x",
          "CRM_SYNC_SALESFORCE_CLIENT_SECRET" => "x" }
  new_way = measure("ours", ours, database, env)
  old_way = measure("old", old, database, env) if old.positive?
  org.close
  memory = [new_way, old_way].map { |result| result ? format("%.0f MB", (result[:peak] - boot[:peak]) / 1024.0) : "–" }
  wall = [new_way, old_way].map { |result| result ? format("%.2f s", result[:wall]) : "–" }
  ratio = old_way ? format("%.1fx", old_way[:wall] / new_way[:wall]) : "–"
  puts format("%-20s %10s %10s %8s %12s %12s  %s", title, *wall, ratio, *memory, new_way[:said])
end
