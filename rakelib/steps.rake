# frozen_string_literal: true

require "open3"

# A part of a long run. Its output is printed as a whole when it is done, so that steps which run beside each other can
# be read; how long each step took is kept.
class Step
  SECONDS = {} # rubocop:disable Style/MutableConstant -- in the order in which the steps ended
  PRINTING = Mutex.new
  private_constant :PRINTING

  # @return [Float] seconds of a clock that only goes forward
  def self.now
    Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end

  def self.report
    total = SECONDS.map { |title, seconds| format("%6.0f s  %s", seconds, title) }
    ["== seconds of each step (some run beside each other)", *total].join("\n")
  end

  def initialize(title)
    @title = title
    @output = +""
  end

  # Runs the block, which is given this step.
  def call
    started = Step.now
    yield self
  ensure
    SECONDS[@title] = Step.now - started
    PRINTING.synchronize { puts format("\n== %s (%.0f s)", @title, SECONDS[@title]), @output }
  end

  # Runs a command, whose environment may come first, and keeps what it says.
  # @return [String] the output
  def sh(*command)
    text, status = Open3.capture2e(*command)
    @output << text
    raise "#{@title} failed: #{command.last(command.size > 2 ? 4 : 1).join(" ")}" unless status.success?

    text
  end
end

def step(title, &)
  Step.new(title).call(&)
end

# Runs lists of tasks beside each other, and fails when all have ended, if one of them fails: what rake's multitask
# would leave running is waited for.
def side_by_side(*lists)
  threads = lists.map do |tasks|
    Thread.new do
      tasks.each { |name| Rake::Task[name].invoke }
      nil
    rescue StandardError => e
      e
    end
  end
  failures = threads.filter_map(&:value)
  raise failures.map(&:message).join("\n") if failures.any?
end
