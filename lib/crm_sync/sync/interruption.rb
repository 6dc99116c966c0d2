# frozen_string_literal: true

require_relative "../notices/log"
require_relative "../notices/presentable"

module CrmSync
  # Tells what of a run stays when something ends it in the middle: whoever pressed Ctrl-C wants to know.
  module Interruption
    # @param sync_name [String]
    # @yield reads and decides, and writes nothing
    # @return [Object] the result of the block
    def self.watch_reading(sync_name)
      ended = false
      yield.tap { ended = true }
    rescue StandardError
      ended = true # the error is told where it is caught
      raise
    ensure
      Log.new(sync_name).warn("interrupted while it was reading: nothing was sent, and nothing written") unless ended
    end

    # @param sync_name [String]
    # @param planned [Integer] the number of changes to write
    # @param applied [Proc] gives how many have been
    # @param others [Proc] gives the remark about the others, of whose number it is told; nil where there is none
    # @yield writes them
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
