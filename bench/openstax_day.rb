# frozen_string_literal: true

# A day of OpenStax Accounts: the recipe openstax_accounts_today every five minutes, while the org and the app go on.
# Tells what it costs in calls, time and memory, and whether the database is in the end that of one run over everything.
#
#   bin/bench openstax_day                             340,000 contacts, 1,100,000 users, 288 runs
#   bin/bench openstax_day 3400 11000 40               contacts, users, runs
#   bin/bench openstax_day 340000 1100000 288 5000     and so many contacts that are gone, though users have them
#
# Salesforce is the simulator in a process of its own, by whose clock the day goes; the app is another one, for all
# runs.

require_relative "openstax_day/day"
require_relative "measured"

Postgres.durable = true # as in production; without it, whoever commits more often would be favored

given = ARGV.first(4).map { |number| Integer(number) }
sizes = given + [340_000, 1_100_000, 288, 100].drop(given.size)
SHOWN = 20

def tally(counts) = counts.sort_by { |name, count| [-count, name] }.map { |name, count| "#{count} #{name}" }.join(", ")

def show(run)
  puts format("  run %3d: %6.2f s, %5.2f s of processor, %+4d MB, %3d calls, %s, %d changes",
              *run.values_at(:number, :wall, :cpu, :memory), Bench::OpenstaxDay::Calls.sum(run[:calls]), run[:status],
              run[:changes].values.sum)
  puts run[:errors], run[:refusals]
  $stdout.flush
end

# Run 0 reads everything; its figures are its own.
def show_cost(runs)
  first, *others = runs
  { wall: "%.2f s", cpu: "%.2f s of processor", memory: "%+.0f MB over its start" }.each do |name, form|
    figures = others.map { |run| run[name] }
    puts format("the first run: #{form}; the others: #{form} at the median, #{form} at worst", first[name],
                Bench::Measured.median(figures), figures.max)
  end
end

def show_end(day)
  puts "then a plan over everything: #{tally(day.plan[:changes])}; missed: #{day.plan[:missed]}"
  puts format("one run for all: %.2f s, %s", day.at_once[:wall], tally(day.at_once[:changes]))
  puts "differences: #{day.differences.size}", day.differences.first(SHOWN)
end

puts format("%d contacts, %d users, %d runs, %d contacts gone", *sizes)
day = Bench::OpenstaxDay::Day.new(Bench::OpenstaxDay::World.new(*sizes)) { |run| show(run) }.call
puts "#{Bench::OpenstaxDay::Calls.sum(day.calls)} calls: #{tally(day.calls)}"
show_cost(day.runs)
puts "changes: #{tally(day.sum(:changes))}", "runs: #{tally(day.runs.map { |run| run[:status] }.tally)}"
show_end(day)
