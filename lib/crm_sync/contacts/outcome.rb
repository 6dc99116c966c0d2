# frozen_string_literal: true

module CrmSync
  module Contacts
    # What becomes of changes while they are written.
    # @api private
    class Outcome
      # @return [Array<CrmSync::Run::Failure>]
      attr_reader :errors
      # @return [Hash{CrmSync::Change => String}] what has moved since the plan
      attr_reader :stale

      # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter] through which they are written
      def initialize(connection)
        @connection = connection
        @applied = []
        @stale = {}
        @done = []
        @errors = []
      end

      # @param change [CrmSync::Change]
      # @param moved [String, nil] what has moved since the plan; where nothing has, the change is written
      def settle(change, moved)
        moved ? @stale[change] = moved : @applied << change
      end

      # @param changes [Array<CrmSync::Change>] stale ones, which somebody else has made already
      def done(changes)
        @done.concat(changes)
        @stale = @stale.except(*changes)
      end

      # @param key [Object, nil] of the record that it concerns
      # @param error [StandardError]
      def failed(key, error)
        @errors << Run::Failure.new(key, error.class.name, text(error))
      end

      # Whether an error can be that of single records: a lock that is lost and a deadline that the host set for the
      # whole run are none, and without a connection nothing else can work either.
      #
      # @param error [StandardError]
      # @return [Boolean]
      def tolerable?(error)
        deadline = error.is_a?(Timeout::Error) && !error.class.to_s.start_with?("Net::")
        !deadline && !error.is_a?(Lock::Lost) && @connection.active?
      end

      # @return [Hash{Symbol => Object}] +applied+, +stale+, +done+, +errors+
      def to_h
        { applied: @applied, stale: @stale, done: @done, errors: @errors }
      end

      private

      def text(error)
        return Presentable.text(error.message) unless Database.locked?(error)

        "somebody else keeps its row, or one that belongs to it, locked; that is not waited for any longer, and the " \
          "next run tries again"
      end
    end
  end
end
