# frozen_string_literal: true

# The compare of the organization sync, side by side in one run.
#
#   bin/bench organizations              100,000 rows a side, medians of 5
#   bin/bench organizations 20000 3      rows, runs
#   PYTHON=/path/to/python bin/bench organizations

require "tmpdir"
require_relative "measured"
require_relative "organization_files"

ROWS = Integer(ARGV.fetch(0, 100_000))
RUNS = Integer(ARGV.fetch(1, 5))

def median(results, key)
  Bench::Measured.median(results.map { |result| result.fetch(key, result[:wall]) })
end

def compare(files)
  ways = files.ways
  results = ways.transform_values { [] }
  # In turns, so that a busy moment hits all alike.
  RUNS.times { ways.each { |title, command| results[title] << files.run(command) } }
  puts format("%-26s %9s %9s %9s   %s", "", "stage", "process", "memory", "creates, updates, marks")
  results.transform_values do |runs|
    { stage: median(runs, :stage), process: median(runs, :process), memory: median(runs, :peak) / 1024.0,
      found: runs.last.values_at(:creates, :updates, :marks).join(", ") }
  end
end

def show(results)
  results.each do |title, result|
    puts format("%-26s %7.2f s %7.2f s %6.0f MB   %s", title, *result.values)
  end
  plain, *others = results.to_a
  others.each do |title, result|
    ratios = %i[stage memory].map { |figure| plain.last[figure] / result[figure] }
    puts format("%s: %.1f times as fast as plain Ruby, with %.1f times less memory", title, *ratios)
  end
end

Dir.mktmpdir do |folder|
  files = Bench::OrganizationFiles.new(folder, ROWS)
  puts "#{ROWS} rows a side, files of #{files.sizes.join(" and ")} MB, medians of #{RUNS}"
  show(compare(files))
end
