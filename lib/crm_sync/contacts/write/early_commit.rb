# frozen_string_literal: true

require_relative "record_batch"

module CrmSync
  module Contacts
    # Settles the changes that a statement of a hook or callback has committed too early, by ending the transaction of
    # the batch. Their rows are stored, so they count as applied, and are recorded in the history and the outbox as
    # others are. The error is reported as well. Hooks that had not run by then are not run any more.
    class EarlyCommit
      HOSTS = "a statement of a hook or callback has ended the transaction in which the sync was called"
      private_constant :HOSTS

      # @param schema [CrmSync::Contacts::Schema]
      # @param premises [Premises]
      # @param read_back [ReadBack]
      # @param consequences [Consequences, nil] nil for an undo, after which no hooks run
      # @param history [CrmSync::SyncHistory]
      def initialize(schema, premises, read_back, consequences, history)
        @schema = schema
        @premises = premises
        @read_back = read_back
        @consequences = consequences
        @history = history
      end

      # @param changes [Array<CrmSync::Change>] changes that were written in a transaction
      # @param begun [Database::BegunTransaction, nil] the transaction, which is over
      # @param error [StandardError] the error that ended it
      # @param outcome [CrmSync::Contacts::Outcome] collects the changes that are stored
      # @return [Array<CrmSync::Change>] the changes that are stored
      # @raise [ActiveRecord::TransactionRollbackError] if it was a transaction of the host's, with which all changes
      #   may be lost
      def settle(changes, begun, error, outcome)
        return [] unless changes.any? && begun&.ended?
        raise ActiveRecord::TransactionRollbackError, HOSTS if begun.gone? && @schema.connection.transaction_open?

        settle_stored(changes, error, outcome)
      end

      private

      def settle_stored(changes, error, outcome)
        stored = keep(changes, outcome)
        stored.each { |change, became| outcome.settle(change, became) }
        outcome.failed_beside(error, stays(stored.keys)) if stored.any?
        stored.keys
      rescue StandardError => e
        outcome.tolerable?(e) ? [] : raise
      end

      def keep(changes, outcome)
        Database.writing(@schema.connection) do
          @premises.wait_for(changes)
          stored = stored(changes)
          record(stored.values) if stored.any?
          outcome.committing(@schema.connection.current_transaction, stored.values)
          stored
        end
      end

      # Returns the changes that are stored, each as it was stored.
      def stored(changes)
        @read_back.of(changes)
      rescue ReadBack::PutBack => e
        @read_back.of(changes - e.refused.keys)
      end

      def record(changes)
        effects = @consequences ? @consequences.renewed(changes.map { |one| RecordBatch::Written.new(one, []) }) : []
        @consequences.record(effects) if effects.any?
        @history.record(changes)
      end

      def stays(changes)
        "a statement of a hook or callback has committed what was written until then, which stays: " \
          "#{Presentable.named("user", changes.map(&:key))}"
      end
    end
    private_constant :EarlyCommit
  end
end
