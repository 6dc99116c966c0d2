# frozen_string_literal: true

require_relative "patience"
require_relative "premises"

module CrmSync
  module Contacts
    # Writes changes through the model, each in a transaction of its own together with what belongs to it.
    # @api private
    class RecordWriter
      # @param history [CrmSync::History] in which changes are kept, each in the transaction of its write
      def initialize(schema, consequences, history, lock)
        @schema = schema
        @consequences = consequences
        @history = history
        @lock = lock
        @patience = Patience.new(schema)
        @premises = Premises.new(schema)
      end

      # @param changes [Array<CrmSync::Change>]
      # @param outcome [CrmSync::Contacts::Outcome] which hears what becomes of each
      def write(changes, outcome)
        @patience.around { changes.each { |change| write_one(change, outcome) } }
      end

      private

      def write_one(change, outcome)
        moved = transaction = nil
        @patience.spend do
          Database.transaction(@schema.connection) do
            transaction = @schema.connection.current_transaction
            moved = apply(change)
          end
        end
        outcome.settle(change, moved)
      rescue StandardError => e
        raise unless outcome.tolerable?(e)
        # What raises after the commit, such as a callback of the model, takes nothing back.
        return after_commit(change, moved, outcome, e) if transaction&.state&.committed?

        outcome.failed(change.key, e)
      end

      def after_commit(change, moved, outcome, error)
        outcome.settle(change, moved)
        outcome.failed(nil, error)
      end

      def apply(change)
        @lock.check
        record = @patience.wait { @premises.lock(change) }
        moved = @premises.moved(record, change)
        return moved if moved

        save(record, change)
        @consequences.follow([[record, change]])
        @history.record([change])
        nil
      end

      # Where a callback raises ActiveRecord::Rollback, Rails hides it, because the transaction is ours, and writes
      # nothing.
      def save(record, change)
        record.assign_attributes(change.after)
        record.save! or raise ActiveRecord::RecordNotSaved.new("a callback rolled it back", record)
      end
    end
  end
end
