# frozen_string_literal: true

# Reading Salesforce, by each way and as a plain Ruby script does it, side by side in one run.
#
#   bin/bench reading                     100,000 contacts, 250 ms before each answer, medians of 3
#   bin/bench reading 100000 250 5        contacts, milliseconds, runs
#   bin/bench reading 1000000 0 1 few     by REST and by a job only, five fields a row
#
# Salesforce is the simulator in a process of its own; every measured run is a process of its own.

require "json"
require "open3"

given = ARGV.first(3).map { |number| Integer(number) }
contacts, latency, runs = given + [100_000, 250, 3].drop(given.size)
FEW = ARGV[3] == "few"

def child(org, *arguments)
  settings = { host: org, client_id: "x", client_secret: "x", session_store: "memory" }
  env = settings.transform_keys { |name| "CRM_SYNC_SALESFORCE_#{name.upcase}" }.merge("RAILS_ENV" => "development")
  out, status = Open3.capture2(env, RbConfig.ruby, File.join(__dir__, "reading_child.rb"), *arguments)
  abort "#{arguments.join(" ")} failed" unless status.success?
  JSON.parse(out.lines.last, symbolize_names: true)
end

def median(results, key)
  results.map { |result| result[key] }.sort[results.size / 2]
end

def with_org(contacts, latency)
  org = IO.popen([RbConfig.ruby, File.join(__dir__, "reading_org.rb"), contacts.to_s, latency.to_s], "r+")
  yield org.gets.strip
ensure
  org&.close
end

# Prints a line for each way; gives the medians.
def compare(org, ways, runs)
  puts format("%-28s %9s %9s %10s %10s", "", "wall", "cpu", "memory", "rows")
  ways.to_h do |title, arguments|
    results = Array.new(runs) { child(org, *arguments) }
    wall, cpu, memory = %i[wall cpu memory].map { |key| median(results, key) }
    puts format("%-28s %7.2f s %7.2f s %7.0f MB %10d", title, wall, cpu, memory / 1024.0, results.last[:rows])
    [title, { wall:, cpu: }]
  end
end

# The rows of each way, added up whatever their order.
def digests(org, ways)
  sums = ways.transform_values { |arguments| child(org, *arguments, "digest")[:digest] }
  puts "the same rows by each way: #{sums.values.uniq.one?} (#{sums.values.uniq.join(", ")})"
end

def ratio(results, key, slow, fast)
  format("%.1f", results[slow][key] / results[fast][key])
end

puts "#{contacts} contacts, #{latency} ms before each answer, medians of #{runs}"
with_org(contacts, latency) do |org|
  ways = %w[serial parallel bulk].to_h { |way| [way, [FEW ? "few" : "all", way]] }
  results = compare(org, FEW ? ways : { "plain Ruby" => %w[plain serial], **ways }, runs)
  puts "parallel is #{ratio(results, :wall, "serial", "parallel")} times as fast as the serial chain"
  digests(org, ways)
end

unless FEW
  puts "", "processor time without a wait: #{contacts} contacts into Hashes, and into a sync's columns, decided on"
  with_org(contacts, 0) do |org|
    results = compare(org, { "plain Ruby, into Hashes" => %w[parse], "ours, into columns" => %w[columns] }, runs)
    puts "plain Ruby takes #{ratio(results, :cpu, "plain Ruby, into Hashes",
                                   "ours, into columns")} times the processor time"
  end
end
