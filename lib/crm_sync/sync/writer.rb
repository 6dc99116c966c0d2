# frozen_string_literal: true

module CrmSync
  module Internal
    # Base of the writers of both syncs.
    class Writer
      # @param declaration [CrmSync::Internal::Declaration]
      # @param lock [CrmSync::Lock] the lock that is held during the writes
      # @param remember [Proc, nil] called when everything has been tried, to keep what the next run must know
      def initialize(declaration, lock, remember)
        @declaration = declaration
        @lock = lock
        @remember = remember
      end

      # @param allow [Hash{Symbol => Integer}]
      # @raise [ArgumentError] when it names something that is neither a budget nor a source
      def check(allow)
        known = @declaration.allowed_names
        unknown = allow.keys - known
        raise ArgumentError, "allow: there is no #{unknown.first.inspect}; there are #{known.inspect}" if unknown.any?
      end

      private

      # Remembers what was read, as the last thing. Without the lock another run may have remembered something newer.
      # @raise [CrmSync::Locked] when the lock was lost meanwhile
      def remember
        @lock.check
        @remember&.call
      end
    end
  end
end
