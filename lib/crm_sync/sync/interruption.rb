# frozen_string_literal: true

require_relative "../notices/log"
require_relative "../notices/presentable"

module CrmSync
  # Logs what a run has done before something ended it: whoever pressed Ctrl-C wants to know.
  module Interruption
    # Logs an interrupt of the reads.
    # @param sync_name [String]
    # @yield reads and decides, and writes nothing
    # @return [Object] the result of the block
    def self.watch_reading(sync_name)
      ended = false
      yield.tap { ended = true }
    rescue StandardError
      ended = true # the error is reported where it is rescued
      raise
    ensure
      Log.new(sync_name).warn("interrupted while it was reading: nothing was sent, and nothing written") unless ended
    end

    # Logs an interrupt or an error that ends the writes.
    # @param sync_name [String]
    # @param planned [Integer] the number of changes to write
    # @param applied [Proc] returns the number of changes that have been written
    # @param others [Proc] is called with the number of the other changes, and returns a remark about them, or nil
    # @yield writes the changes
    # @return [Object] the result of the block
    def self.watch(sync_name, planned:, applied:, others:)
      whole = false
      yield.tap { whole = true }
    ensure
      unless whole || planned.zero?
        count = applied.call
        done = "#{Presentable.count(count)} of #{Presentable.counted(planned, "change")} applied"
        told = ["interrupted: #{done}", *others.call(planned - count)].join("; ")
        Log.new(sync_name).warn(told)
      end
    end
  end
  private_constant :Interruption
end
