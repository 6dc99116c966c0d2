# frozen_string_literal: true

# One measured process of the benchmark of addresses: a way, and how many are looked up among how many; prints the
# seconds that adding and looking up took, and a digest of what was found.

require "json"
$LOAD_PATH.unshift(File.expand_path("../lib", __dir__))
require "crm_sync"

asked, known = ARGV.drop(1).map { |number| Integer(number) }

# Spelled in other ways than they were added, in another order, and a ninth of them known to nobody.
KEYS = Array.new(known) { |number| format("003%012dAAA", number) }
ADDRESSES = Array.new(known) { |number| "person.#{number}@school#{number % 400}.edu" }
LOOKED_UP = Array.new(asked) do |number|
  number = number * 7_919 % (known * 9 / 8)
  " Person.#{number}@School#{number % 400}.edu"
end

# The ways, each of which adds all addresses, and returns what looks all of them up.
WAYS = {
  "hash" => lambda do
    hash = {}
    KEYS.each_with_index { |key, place| hash[ADDRESSES[place].strip.downcase] = key }
    -> { LOOKED_UP.map { |address| hash[address.strip.downcase] } }
  end,
  "one" => lambda do
    index = CrmSync::EmailIndex.new
    KEYS.each_with_index { |key, place| index.add(key, ADDRESSES[place]) }
    -> { LOOKED_UP.map { |address| index.match(address).key } }
  end,
  "all" => lambda do
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

added, look_up = seconds(&WAYS.fetch(ARGV.fetch(0)))
looked_up, keys = seconds(&look_up)
puts JSON.generate(added:, looked_up:, found: keys.sum { |key| key ? key[3, 12].to_i : 0 })
