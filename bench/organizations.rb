# frozen_string_literal: true

# The compare of the organization sync, side by side in one run: a plain Ruby script, Polars (where Python has it), and
# ours, by itself and as the stage of a Ruby process. 3 % differ, 1 % is missing on each side.
#
#   bin/bench organizations              100,000 rows a side, medians of 5
#   bin/bench organizations 20000 3      rows, runs
#   PYTHON=/path/to/python bin/bench organizations

require "json"
require "open3"
require "tmpdir"

ROWS = Integer(ARGV.fetch(0, 100_000))
RUNS = Integer(ARGV.fetch(1, 5))
PYTHON = ENV.fetch("PYTHON", "python3")
EXAMPLE = %w[cargo run --quiet --release -p crm_sync --example organizations --].freeze

def run(*command)
  started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  out, status = Open3.capture2(*command)
  abort "#{command.first(2).join(" ")} failed" unless status.success?
  process = Process.clock_gettime(Process::CLOCK_MONOTONIC) - started
  { **JSON.parse(out.lines.last, symbolize_names: true), process: }
end

def polars?
  system(PYTHON, "-c", "import polars", out: File::NULL, err: File::NULL)
end

def ways(folder)
  example = File.join(JSON.parse(`cargo metadata --format-version 1 --no-deps`)["target_directory"], "release/examples")
  script = ->(name) { File.join(__dir__, name) }
  {
    "plain Ruby" => [RbConfig.ruby, script.call("organizations_plain.rb"), folder],
    "Polars" => ([PYTHON, script.call("organizations_polars.py"), folder] if polars?),
    "ours, in Rust" => [File.join(example, "organizations"), "compare", folder],
    "ours, the stage in Ruby" => [RbConfig.ruby, script.call("organizations_child.rb"), folder, (ROWS * 99 / 100).to_s]
  }.compact
end

def median(results, key)
  results.map { |result| result.fetch(key, result[:wall]) }.sort[RUNS / 2]
end

def compare(ways)
  results = ways.transform_values { [] }
  # In turns, so that a busy moment hits all alike.
  RUNS.times { ways.each { |title, command| results[title] << run(*command) } }
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
  system(*EXAMPLE, "make", folder, ROWS.to_s, exception: true)
  sizes = %w[salesforce_accounts zendesk_orgs].map { |name| File.size("#{folder}/#{name}.json") / 1_000_000 }
  puts "#{ROWS} rows a side, files of #{sizes.join(" and ")} MB, medians of #{RUNS}"
  show(compare(ways(folder)))
end
