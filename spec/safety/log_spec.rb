# frozen_string_literal: true

require "rails_helper"
require_relative "../support/interrupts"

# Ruby's Logger takes an interrupt that comes while it writes for a failure to write, and goes on.
RSpec.describe "An interrupt that comes while a log line is written" do
  using_database :sqlite

  # Writes nothing and does not come back, like a pipe that nobody reads.
  let(:stuck) do
    Class.new do
      attr_reader :writing

      def initialize
        @writing = Queue.new
      end

      def write(_line)
        @writing << true
        sleep
      end

      def close; end
    end.new
  end

  before { create_teachers(2) }

  # Runs the sync, in a job or in this thread, and interrupts it in its first line.
  def caught_in_a_line(kind)
    CrmSync.configuration.logger = Logger.new(stuck)
    sync = small_sync("User")
    simulate(contacts: 2) do
      runner = kind == :ctrl_c ? Thread.current : job { sync.call }
      interrupt = Thread.new { stuck.writing.pop && send_to(runner, kind) }
      kind == :ctrl_c ? sync.call : runner.join
    ensure
      interrupt.join
    end
  end

  def send_to(runner, kind)
    case kind
    when :raise then runner.raise(Interrupts::Stop, "stop")
    when :raise_standard_error then runner.raise("stop")
    when :kill then runner.kill
    when :timeout then runner.raise(Timeout::Error, "execution expired")
    when :ctrl_c then Process.kill("INT", Process.pid)
    end
  end

  { raise: Interrupts::Stop, raise_standard_error: RuntimeError, timeout: Timeout::Error }.each do |kind, error|
    it "ends the run, also where the logger does not come back: #{kind}" do
      expect { caught_in_a_line(kind) }.to raise_error(error)
      expect(linked.count).to eq(0)
    end
  end

  it "ends the run, also where the logger does not come back: Thread#kill" do
    caught_in_a_line(:kill)
    expect(linked.count).to eq(0)
  end

  it "ends the run, also where the logger does not come back: Ctrl-C" do
    before = trap("INT", "DEFAULT")
    expect { caught_in_a_line(:ctrl_c) }.to raise_error(Interrupt)
    expect(linked.count).to eq(0)
  ensure
    trap("INT", before)
  end

  # Rails 7.0 and newer keep what belongs to a thread by the fiber instead, if the app says so.
  def isolated_by(level)
    state = ActiveSupport::IsolatedExecutionState
    before = state.isolation_level
    state.isolation_level = level
    yield
  ensure
    state.isolation_level = before
  end

  def expect_tagged_lines
    text = StringIO.new
    logger = ActiveSupport::TaggedLogging.new(Logger.new(text))
    CrmSync.configuration.logger = logger
    threads = Thread.list
    simulate(contacts: 2) { logger.tagged("job 7") { small_sync("User").call } }
    expect(text.string.lines).to all(start_with("[job 7] ")).and include(/Finished: applied: 2 link/)
    expect(Thread.list - threads).to eq([])
  end

  it "finds the line tagged as its host's thread tags it, and leaves no thread behind" do
    expect_tagged_lines
  end

  it "finds the line tagged as its host's fiber tags it", if: defined?(ActiveSupport::IsolatedExecutionState) do
    isolated_by(:fiber) { Fiber.new { expect_tagged_lines }.resume }
  end
end
