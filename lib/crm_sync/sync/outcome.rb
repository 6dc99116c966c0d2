# frozen_string_literal: true

require "timeout"

module CrmSync
  module Internal
    # Collects the results of the changes of a plan while they are written.
    class Outcome
      # @return [Array<CrmSync::Change>] the changes that were made, as they were stored
      attr_reader :applied
      # @return [Hash{CrmSync::Change => String}] the stale changes, each with what has moved since the plan
      attr_reader :stale
      # @return [Array<CrmSync::Run::Failure>]
      attr_reader :errors
      # @return [Array<CrmSync::Change>] the changes of which nobody knows whether they were made
      attr_reader :unknown

      # @param error [StandardError]
      # @return [Boolean] whether the error is a deadline that the host has set for the whole run
      def self.deadline?(error) = error.is_a?(Timeout::Error) && !error.class.to_s.start_with?("Net::")

      def initialize
        @applied = []
        @stale = {}
        @done = []
        @errors = []
        @unknown = []
      end

      # @param change [CrmSync::Change]
      # @param became [CrmSync::Change, String] the change as it was stored, or what has moved since the plan
      def settle(change, became)
        became.is_a?(String) ? @stale[change] = became : @applied << became
      end

      # @param changes [Array<CrmSync::Change>] stale changes that somebody else has made already
      def done(changes)
        @done.concat(changes)
        changes.each { |change| @stale.delete(change) }
      end

      # @return [Hash{Symbol => Object}] the changes by result
      def to_h
        { applied:, stale:, done: @done, errors:, unknown: }
      end
    end
  end
end
