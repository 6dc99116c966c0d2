# frozen_string_literal: true

# Who has which e-mail address, side by side in one run: a plain Ruby Hash of stripped, lower-cased addresses, and
# CrmSync::EmailIndex, one by one and many at once; each time in a process of its own.
#
#   bin/bench email_index                    1,000,000 addresses looked up among 200,000, medians of 5
#   bin/bench email_index 100000 20000 3     looked up, known, runs

require_relative "measured"

given = ARGV.first(3).map { |number| Integer(number) }
ASKED, KNOWN, RUNS = given + [1_000_000, 200_000, 5].drop(given.size)
WAYS = { "hash" => "a plain Hash", "one" => "EmailIndex, one by one", "all" => "EmailIndex, many at once" }.freeze

puts "#{ASKED} addresses looked up among #{KNOWN}, medians of #{RUNS}"
# In turns, so that a busy moment hits all alike.
rounds = Array.new(RUNS) do
  WAYS.keys.to_h { |way| [way, Bench::Measured.child("email_index_child.rb", way, ASKED, KNOWN)] }
end
puts "each finds the same: #{rounds.flat_map { |round| round.values.map { |result| result[:found] } }.uniq.one?}"
speeds = WAYS.keys.to_h do |way|
  [way, { added: KNOWN, looked_up: ASKED }.map do |figure, count|
    count / Bench::Measured.median(rounds.map { |round| round[way][figure] })
  end]
end
puts format("%-26s %12s %9s %12s %9s", "", "added", "ratio", "looked up", "ratio")
speeds.each do |way, both|
  figures = both.zip(speeds["hash"]).flat_map { |speed, plain| [speed / 1e6, speed / plain] }
  puts format("%-26s %8.2f M/s %9.2f %8.2f M/s %9.2f", WAYS[way], *figures)
end
