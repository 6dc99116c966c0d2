# frozen_string_literal: true

require "English"

desc "Ruby lints"
task :lint do
  step("rubocop") { |rubocop| rubocop.sh("bundle exec rubocop --format progress") }
end

# The files are run by several processes beside each other: two for each core, because some examples wait.
# PARALLEL_TEST_PROCESSORS=1 takes another number of cores. The time that each file took is kept, so that the next run
# deals them out evenly.
class ParallelSpecs
  SECONDS = "tmp/parallel_runtime_rspec.log"
  # Those of some machine, for the first run of a checkout. A newer SECONDS may take its place now and then.
  FIRST_SECONDS = "spec/seconds.log"
  LOGGER = %W[--format ParallelTests::RSpec::RuntimeLogger --out #{SECONDS}].freeze
  COMMAND = ["bundle", "exec", "parallel_rspec", "--multiply-processes", "2", "--serialize-stdout",
             "--combine-stderr", "--", "--format", "progress", *LOGGER, "--", "spec"].freeze
  SIGN_OF_LIFE = { "PARALLEL_TEST_HEARTBEAT_INTERVAL" => "15" }.freeze
  CLOSING = /^\d+ (?:errors?|examples?), .*\n/n
  private_constant :CLOSING, :SECONDS, :FIRST_SECONDS, :LOGGER, :COMMAND, :SIGN_OF_LIFE

  # @return [String] RSpec's closing line for all files together
  attr_reader :closing

  # @return [Boolean] whether all passed
  def run
    FileUtils.mkdir_p(File.dirname(SECONDS))
    FileUtils.cp(FIRST_SECONDS, SECONDS) unless File.exist?(SECONDS)
    output = +""
    IO.popen(SIGN_OF_LIFE, COMMAND) { |process| copy(process, output) }
    @closing = output.b.scan(CLOSING).last.to_s.chomp
    $CHILD_STATUS.success?
  end

  # @return [String] the slowest files with their times
  def slowest
    lines = File.readlines(SECONDS, chomp: true).grep(/_spec\.rb:/)
    seconds = lines.to_h { |line| line.rpartition(":").values_at(0, 2) }
    slowest = seconds.max_by(10) { |_, time| time.to_f }
    ["== the slowest spec files", *slowest.map { |file, time| format("%6.0f s  %s", time, file) }].join("\n")
  end

  private

  # Prints the output as it comes, because it takes minutes. The closing lines of the single processes are left out:
  # only the sum of them is to be found at the end.
  def copy(process, output)
    loop do
      piece = process.readpartial(65_536)
      output << piece
      print piece.b.gsub(CLOSING, "")
      $stdout.flush
    end
  rescue EOFError
    nil
  end
end

desc "Specs, with the native library as the package builds it"
task spec: "package:check" do
  specs = ParallelSpecs.new
  passed = nil
  step("rspec") { passed = specs.run }
  puts "", specs.slowest, "", Step.report, "", specs.closing
  raise "rspec failed" unless passed
end
