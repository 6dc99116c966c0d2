# frozen_string_literal: true

# How a run and the app's other threads get on: by how much a thread that wants to wake every millisecond is late,
# beside what it is in a process that runs no sync; and how long a run takes beside a thread that never waits.
#
#   bin/bench beside                     10,000 contacts, 100,000 users, medians of 3
#   bin/bench beside 2000 20000 5        contacts, users, runs

require_relative "data"
require_relative "measured"

Postgres.durable = true # as in production; without it, whoever commits more often would be favored

given = ARGV.first(3).map { |number| Integer(number) }
CONTACTS, USERS, RUNS = given + [10_000, 100_000, 3].drop(given.size)
CASES = { "nothing to change" => [:steady, "ours"], "#{CONTACTS} first links" => [:first, "ours"],
          "#{CONTACTS} first links, set_based" => [:first, "set_based"] }.freeze

def with_world(kind)
  database = Bench::Data.new(CONTACTS, USERS, linked: kind != :first)
  org = IO.popen([RbConfig.ruby, File.join(__dir__, "org.rb"), CONTACTS.to_s, kind.to_s, "0"], "r+")
  settings = { host: org.gets.strip, client_id: "x", client_secret: "x" }
  yield database, settings.transform_keys { |name| "CRM_SYNC_SALESFORCE_#{name.upcase}" }
ensure
  org&.close
  database&.drop
end

# Runs one way in a child, on a fresh copy of the database.
def child(database, env, *words)
  database.with_copy { |url| Bench::Measured.child("beside_child.rb", *words, env: { **env, "DATABASE_URL" => url }) }
end

# A round of all, so that a busy moment hits all alike.
def round(database, env, kind, way)
  alone = child(database, env, way, "nobody")
  { alone:, ticks: child(database, env, way, "ticks"), nothing: child(database, env, "nothing", "ticks", alone[:wall]),
    busy: (child(database, env, way, "busy") if kind == :steady) }.compact
end

def medians(results)
  results.first.keys.grep_v(:said).to_h { |figure| [figure, Bench::Measured.median(results.map { |one| one[figure] })] }
end

def late(result)
  format("late by %.1f ms at the median, %.1f at the 99th percentile, %.1f at worst",
         *result.values_at(:median, :p99, :max))
end

def show(title, found)
  puts format("%s: %.2f s", title, found[:alone][:wall]), "  a ticking thread beside it: #{late(found[:ticks])}",
       "  the same without a sync:    #{late(found[:nothing])}"
  return unless found[:busy]

  puts format("  beside a busy thread: %.2f s, %.1f times as long", found[:busy][:wall],
              found[:busy][:wall] / found[:alone][:wall])
end

puts "#{CONTACTS} contacts, #{USERS} users, medians of #{RUNS}"
CASES.each do |title, (kind, way)|
  with_world(kind) do |database, env|
    rounds = Array.new(RUNS) { round(database, env, kind, way) }
    show(title, rounds.first.keys.to_h { |name| [name, medians(rounds.map { |round| round[name] })] })
  end
end
