# frozen_string_literal: true

module CrmSync
  class Lock
    # The lock of an in-memory database, which no other process has: {HeldLocks} is sufficient.
    class Memory
      # @return [Array] identifies the lock
      attr_reader :key

      def initialize(model, name)
        @key = [model.connection_pool, name]
      end

      # @return [true]
      def take = true

      # @return [true]
      def held?(_session = nil) = true

      # @return [false] because it does not belong to a session
      def keeps?(_connection) = false

      # Does nothing, because the lock does not depend on a connection.
      def wake = nil

      # @return [true] this lock cannot be lost
      def renew = true

      # Does nothing, because nobody could read it.
      def sign(_holder) = nil

      # @return [nil] {HeldLocks} has the holder
      def holder = nil

      # @return [nil]
      def guess = nil

      # Does nothing, because there is nothing to release.
      def release = nil

      # Does nothing, because a forked child has nothing open.
      def forget = nil
    end
  end
end
