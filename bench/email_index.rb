# frozen_string_literal: true

# Measures who has which e-mail address, side by side in one run: a plain Ruby Hash of stripped, lower-cased addresses,
# and CrmSync::EmailIndex, one by one and many at once.
#
#   bin/bench email_index                    1,000,000 addresses looked up among 200,000, medians of 5
#   bin/bench email_index 100000 20000 3     looked up, known, runs

$LOAD_PATH.unshift(File.expand_path("../lib", __dir__))
require "crm_sync"

given = ARGV.first(3).map { |number| Integer(number) }
ASKED, KNOWN, RUNS = given + [1_000_000, 200_000, 5].drop(given.size)

# Spelled in other ways than they were added, in another order, and a ninth of them known to nobody.
KEYS = Array.new(KNOWN) { |number| format("003%012dAAA", number) }
ADDRESSES = Array.new(KNOWN) { |number| "person.#{number}@school#{number % 400}.edu" }
LOOKED_UP = Array.new(ASKED) do |number|
  number = number * 7_919 % (KNOWN * 9 / 8)
  " Person.#{number}@School#{number % 400}.edu"
end

# The ways, each of which adds all addresses, and returns what looks all of them up.
WAYS = {
  "a plain Hash" => lambda do
    hash = {}
    KEYS.each_with_index { |key, place| hash[ADDRESSES[place].strip.downcase] = key }
    -> { LOOKED_UP.map { |address| hash[address.strip.downcase] } }
  end,
  "EmailIndex, one by one" => lambda do
    index = CrmSync::EmailIndex.new
    KEYS.each_with_index { |key, place| index.add(key, ADDRESSES[place]) }
    -> { LOOKED_UP.map { |address| index.match(address).key } }
  end,
  "EmailIndex, many at once" => lambda do
    index = CrmSync::EmailIndex.new.add_all(KEYS, ADDRESSES)
    -> { index.match_all(LOOKED_UP).keys }
  end
}.freeze

def seconds
  GC.start
  started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  result = yield
  [Process.clock_gettime(Process::CLOCK_MONOTONIC) - started, result]
end

def median(times)
  times.sort[times.size / 2]
end

def measure
  times = WAYS.transform_values { { added: [], looked_up: [] } }
  # In turns, so that a busy moment hits all alike.
  found = Array.new(RUNS) do
    WAYS.map do |title, way|
      added, look_up = seconds(&way)
      looked_up, keys = seconds(&look_up)
      times[title][:added] << added
      times[title][:looked_up] << looked_up
      keys.hash
    end
  end
  puts "each finds the same: #{found.flatten.uniq.one?}"
  times.transform_values { |columns| columns.transform_values { |some| median(some) } }
end

puts "#{ASKED} addresses looked up among #{KNOWN}, medians of #{RUNS}"
results = measure
plain = results.values.first
puts format("%-26s %12s %9s %12s %9s", "", "added", "ratio", "looked up", "ratio")
results.each do |title, result|
  figures = { added: KNOWN, looked_up: ASKED }.flat_map do |column, count|
    [count / result[column] / 1e6, plain[column] / result[column]]
  end
  puts format("%-26s %8.2f M/s %9.2f %8.2f M/s %9.2f", title, *figures)
end
