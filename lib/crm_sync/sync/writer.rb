# frozen_string_literal: true

require_relative "allow_check"

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
      # @raise (see AllowCheck.run)
      def check(allow)
        AllowCheck.run(allow, @declaration.allowed_names)
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
