# frozen_string_literal: true

# One measured process of bench/beside.rb: what runs (ours, set_based, or nothing, for so many seconds), and what is
# beside it (nobody, a thread that is busy, or one that ticks every millisecond).

require "json"
require "tmpdir"
ENV["DUMMY_FOLDER"] ||= Dir.mktmpdir.tap { |folder| at_exit { FileUtils.rm_rf(folder) } }
require_relative "../spec/dummy/config/environment"
require_relative "measured"
require_relative "set_based"
Rails.logger.level = Logger::INFO
Rails.application.eager_load!
CrmSync.eager_load!
User.first
UpdateUserSalesforceInfo.declaration
way, beside, seconds = ARGV

# Takes the delays of a thread that wants to wake every millisecond, in milliseconds.
class Ticks
  def initialize
    @delays = []
    @thread = Thread.new { loop { tick } }
  end

  def to_h
    @thread.kill.join
    delays = @delays.sort
    { median: delays[delays.size / 2], p99: delays[delays.size * 99 / 100], max: delays.last, ticks: delays.size }
  end

  private

  def tick
    before = Process.clock_gettime(Process::CLOCK_MONOTONIC, :float_millisecond)
    sleep(0.001)
    @delays << (Process.clock_gettime(Process::CLOCK_MONOTONIC, :float_millisecond) - before - 1)
  end
end

allow = { effects: User.count }
work = { "nothing" => -> { sleep(Float(seconds)) }, "ours" => -> { UpdateUserSalesforceInfo.call(allow:) },
         "set_based" => -> { SetBased.set_based_batches.call(allow:) } }.fetch(way)
Thread.new { loop { nil } } if beside == "busy"
ticks = Ticks.new if beside == "ticks"
puts JSON.generate({ **Bench::Measured.here(&work), **ticks.to_h })
