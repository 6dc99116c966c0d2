# frozen_string_literal: true

module CrmSync
  module Internal
    # Base class of the writers of both syncs.
    class Writer
      # @param declaration [CrmSync::Internal::Declaration]
      # @param lock [CrmSync::Lock] the lock that is held during the writes
      # @param remember [Proc, nil] is called after all changes have been tried, to keep what the next run must know
      def initialize(declaration, lock, remember)
        @declaration = declaration
        @lock = lock
        @remember = remember
      end

      # @param allow [Hash{Symbol => Integer}]
      # @raise [ArgumentError] when it has a name that is not in {Declaration#allowed_names}
      def check(allow)
        known = @declaration.allowed_names
        unknown = allow.keys - known
        raise ArgumentError, "allow: there is no #{unknown.first.inspect}; there are #{known.inspect}" if unknown.any?
      end

      private

      # Keeps the results of the reads, as the last step. Without the lock, another run may have kept newer ones.
      # @raise [CrmSync::Locked] when the lock has been lost
      def remember
        @lock.check
        @remember&.call
      end
    end
  end
end
