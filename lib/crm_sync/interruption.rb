# frozen_string_literal: true

require_relative "log"
require_relative "presentable"

module CrmSync
  # Tells what of a run stays when something ends it in the middle: whoever pressed Ctrl-C wants to know.
  # @api private
  module Interruption
    # @param sync_name [String]
    # @param planned [Integer] how many changes are to be written
    # @param applied [Proc] gives how many have been
    # @param others [String] what is known of the others
    # @yield writes them
    # @return [Object] what the block gives
    def self.watch(sync_name, planned:, applied:, others:)
      whole = false
      yield.tap { whole = true }
    ensure
      unless whole || planned.zero?
        done = "#{Presentable.count(applied.call)} of #{Presentable.counted(planned, "change")} applied"
        Log.new(sync_name).warn("interrupted: #{done}; #{others}")
      end
    end
  end
end
