# frozen_string_literal: true

require_relative "../../store/database/commit_callback"
require_relative "record_batch"

module CrmSync
  module Contacts
    # Writes a batch of changes in a transaction, and finds out what is stored if that fails.
    #
    # A writer that includes this module has a method +apply+ that writes the changes.
    module RecordTransaction
      # Raised when the premises of a batch have moved since it began. The batch must be rolled back.
      class Moved < StandardError; end

      private

      # @return [RecordBatch, nil] nil if the batch was rolled back, and it is not known which record is the cause
      def transact(batch, outcome)
        transaction = nil
        @patience.spend do
          in_transaction do |opened|
            transaction = opened
            apply(batch, outcome) { keep_apart(transaction, batch, outcome) }
            keep_apart(transaction, batch, outcome)
            outcome.committing(transaction, batch.written.values.map(&:stored))
          end
        end
        batch
      rescue StandardError => e
        raise unless outcome.tolerable?(e)

        # An error after the commit rolls nothing back.
        transaction&.state&.committed? ? batch.failed_late(e) : undone(batch, e, outcome)
      end

      # @return (see #transact)
      def undone(batch, error, outcome)
        stored = @early.settle(batch.begun, @begun, error, outcome)
        return give_up(batch, error) if stored.empty?

        one_by_one(batch.changes - stored, outcome)
        RecordBatch.new([])
      end

      # Makes the host's commit callbacks run for what has been written since the last call, even if callbacks of
      # another record raise.
      def keep_apart(transaction, batch, outcome)
        Database::CommitCallback.guard(transaction) do |error|
          raise error unless outcome.tolerable?(error)

          batch.failed_late(error)
        end
      end

      def give_up(batch, error)
        # Writes all further changes one by one, too, in case the host's callbacks are what moves the premises.
        @size.one_by_one if error.is_a?(Moved)
        batch.failed(error) if batch.alone?
      end
    end
    private_constant :RecordTransaction
  end
end
