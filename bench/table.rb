# frozen_string_literal: true

# What a sync costs, in one table: ours, what takes its place without us, and the floor below which it cannot be.
#
#   bin/bench table                              a tenth of the sizes, medians of 3: some minutes
#   bin/bench table --scale 1 --runs 5           the sizes of docs/performance.md: an hour
#   bin/bench table --latency 100                milliseconds before each answer of Salesforce, for all alike
#   bin/bench table --scale 1 nothing changed    these rows only
#   bin/bench table --contacts 100000 --users 5000000 nothing    other sizes of these rows
#
# Every measured run is a process of its own, on a fresh copy of the database; the ways of a row take turns. "host" is
# the work of the app alone: the saves and hooks of the same records. "floor" is the least that database and network
# take.

require "optparse"
require_relative "measured"
require_relative "table/addresses"
require_relative "table/contacts"
require_relative "table/organizations"
require_relative "table/page"

Postgres.durable = true # as in production; without it, whoever commits more often would be favored

OPTIONS = { scale: 0.1, runs: 3, latency: 0 } # rubocop:disable Style/MutableConstant -- the parser fills it
OptionParser.new do |parser|
  parser.on("--scale SHARE", Float)
  parser.on("--runs NUMBER", Integer)
  parser.on("--latency MILLISECONDS", Integer)
  parser.on("--contacts NUMBER", Integer)
  parser.on("--users NUMBER", Integer)
end.parse!(into: OPTIONS)

module Bench
  # The rows, by the names that the command takes.
  ROWS = {
    "nothing" => -> { Contacts.new("nothing to change", 10_000, 100_000, :steady, %i[ours by_uuid old floor]) },
    "nothing-large" =>
      -> { Contacts.new("nothing to change", 100_000, 1_000_000, :steady, %i[ours by_uuid old floor]) },
    "first" => -> { Contacts.new("nobody linked yet", 10_000, 100_000, :first, %i[ours old host]) },
    "first-set" => -> { Contacts.new("… set_based", 10_000, 100_000, :first, %i[set_based set_floor]) },
    "changed" => -> { Contacts.new("5 % changed", 10_000, 100_000, :some, %i[ours old host]) },
    "changed-large" => -> { Contacts.new("5 % changed", 100_000, 1_000_000, :some, %i[ours old host]) },
    "addresses-added" => -> { Addresses.new(:added) },
    "addresses" => -> { Addresses.new(:looked_up) },
    "page" => -> { Page.new },
    "organizations" => -> { Organizations.new }
  }.freeze

  # Prints the rows.
  module Table
    FORMAT = "  %-34s %12s %12s %12s   %s"
    private_constant :FORMAT

    def self.print(names, runs:, **options)
      puts "medians of #{runs}, #{options[:latency]} ms before each answer of Salesforce",
           format(FORMAT, "", "time", "processor", "memory", "of ours")
      ROWS.fetch_values(*names).map(&:call).each do |row|
        puts row.title(options)
        row.with(options) { |ways| show(Measured.in_turns(ways, runs)) }
      end
    end

    def self.show(results)
      ours = results.values.first
      results.each do |title, result|
        puts format(FORMAT, title, time(result[:wall]), time(result[:cpu]), memory(result[:memory]),
                    format("%.2f", result[:wall] / ours[:wall]))
      end
    end
    private_class_method :show

    def self.time(seconds)
      return "–" unless seconds

      seconds < 0.1 ? format("%.2f ms", seconds * 1_000) : format("%.2f s", seconds)
    end
    private_class_method :time

    def self.memory(megabytes)
      megabytes ? format("+%.0f MB", megabytes) : "–"
    end
    private_class_method :memory
  end
end

unknown = ARGV - Bench::ROWS.keys
abort "there is no row #{unknown.join(", ")}; there are #{Bench::ROWS.keys.join(", ")}" if unknown.any?
Bench::Table.print(ARGV.empty? ? Bench::ROWS.keys : ARGV, **OPTIONS)
