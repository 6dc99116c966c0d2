# frozen_string_literal: true

require_relative "../../store/database/commit_callback"
require_relative "record_batch"

module CrmSync
  module Contacts
    # Has a batch of changes written in a transaction, and finds out what is left of it when that fails.
    #
    # A writer that includes it writes the changes (+apply+).
    module RecordTransaction
      # Raised when the premises of a batch have moved since it began: it is to be rolled back.
      class Moved < StandardError; end

      private

      # @return [RecordBatch, nil] nil if the batch was rolled back, and it is not known because of which record
      def transact(batch, outcome)
        transaction = @begun = nil
        @patience.spend do
          Database.transaction(@schema.connection) do
            transaction = @schema.connection.current_transaction
            apply(batch, outcome) { keep_apart(transaction, batch, outcome) }
            keep_apart(transaction, batch, outcome)
            outcome.committing(transaction, batch.written.values.map(&:stored))
          end
        end
        batch
      rescue StandardError => e
        raise unless outcome.tolerable?(e)

        # Takes nothing back after the commit.
        transaction&.state&.committed? ? batch.failed_late(e) : undone(batch, e, outcome)
      end

      # @return (see #transact)
      def undone(batch, error, outcome)
        stored = @early.settle(batch.begun, @begun, error, outcome)
        return give_up(batch, error) if stored.empty?

        one_by_one(batch.changes - stored, outcome)
        RecordBatch.new([])
      end

      # Has the host's callbacks run after the commit for what has been written since the last call, whatever those of
      # another record raise.
      def keep_apart(transaction, batch, outcome)
        Database::CommitCallback.guard(transaction) do |error|
          raise error unless outcome.tolerable?(error)

          batch.failed_late(error)
        end
      end

      def give_up(batch, error)
        # Writes all other changes by themselves, too, if it is the host's callbacks that move the premises.
        @size.one_by_one if error.is_a?(Moved)
        batch.failed(error) if batch.alone?
      end
    end
    private_constant :RecordTransaction
  end
end
