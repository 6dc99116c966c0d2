# frozen_string_literal: true

require_relative "../notices/given"
require_relative "../notices/suggestion"

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
      # @raise [ArgumentError] when it is no Hash of numbers, or has a name that is not in {Declaration#allowed_names}
      def check(allow)
        known = @declaration.allowed_names
        example = "allow: { #{known.first}: 20 }"
        raise ArgumentError, "allow: is #{Given.kind(allow)}; write it as #{example}" unless allow.is_a?(Hash)

        unknown = allow.keys - known
        if unknown.any?
          raise ArgumentError, "allow: there is no #{unknown.first.inspect}; #{Suggestion.among(unknown.first, known)}"
        end
        return if allow.values.all? { |number| number.is_a?(Integer) && !number.negative? }

        raise ArgumentError, "allow: takes whole numbers, such as #{example}"
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
