# frozen_string_literal: true

module CrmSync
  class Lock
    # The lock of a database in memory, which nobody else has: {HeldLocks} do it all.
    class Memory
      # @return [Array] tells one lock from another
      attr_reader :key

      def initialize(model, name)
        @key = [model.connection_pool, name]
      end

      # @return [true]
      def take = true

      # @return [true]
      def held?(_session = nil) = true

      # It does not depend on a connection.
      def wake = nil

      # @return [true] whether it was lost is looked at before each write
      def renew = true

      # Nobody could read it.
      def sign(_holder) = nil

      # @return [nil] {HeldLocks} know
      def holder = nil

      # @return [nil]
      def guess = nil

      # Nothing is to be given back.
      def release = nil

      # A forked child has nothing open.
      def forget = nil
    end
  end
end
