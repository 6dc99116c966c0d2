# frozen_string_literal: true

require_relative "../../store/database/commit_callback"
require_relative "batch_save"
require_relative "batch_size"
require_relative "patience"
require_relative "premises"
require_relative "read_back"
require_relative "record_batch"
require_relative "record_exchange"
require_relative "record_save"
require_relative "turns"

module CrmSync
  module Contacts
    # Writes changes through the model, in batches: a transaction for each batch, and in it a savepoint for each record.
    #
    # A batch locks its rows, and reads what they stand on, in a statement each. Callbacks and hooks may write to the
    # records of their batch whose turn has not come ({RecordsInTurn}). They may also move an address, or a contact, to
    # somebody else. That is looked at once more before the commit, together with what anybody else did meanwhile; if
    # something has moved, each is written by itself.
    class RecordWriter
      include RecordExchange

      # Number of changes in a batch, where the declaration names none: the time is over before that if saving a record
      # takes 5 ms.
      BATCH = 100

      # Raised when the premises of a batch have moved since it began: it is to be rolled back.
      class Moved < StandardError; end

      # @param history [CrmSync::SyncHistory] keeps the changes, each in the transaction of its write
      def initialize(schema, consequences, history, lock)
        @schema = schema
        @consequences = consequences
        @history = history
        @lock = lock
        @size = BatchSize.new(schema.declaration.way.batch || BATCH)
        @patience = Patience.new(schema)
        @premises = Premises.new(schema)
        read_back = ReadBack.new(schema, @answers = Answers.new(schema))
        @save = RecordSave.new(schema.link, read_back)
        @batch_save = BatchSave.new(schema, @premises, consequences, @patience, LateLook.new(schema, @save, read_back))
      end

      # @param changes [Array<CrmSync::Change>]
      # @param outcome [CrmSync::Contacts::Outcome] collects what happens to each
      def write(changes, outcome)
        turns = Turns.new(changes, @schema.link.name)
        @patience.around do
          left = turns.rounds.flatten(1)
          left.unshift(*write_batch(left.shift(@size.to_i), outcome)) while left.any?
          turns.cycles.each { |cycle| exchange(cycle, outcome) }
        end
      end

      private

      # @return [Array<CrmSync::Change>] the changes for which the batch had no time
      def write_batch(changes, outcome)
        batch = transact(RecordBatch.new(changes), outcome)
        return one_by_one(changes, outcome) unless batch

        settle(batch, outcome)
        @size.follow(batch)
        batch.left
      end

      # Writes each change in a transaction of its own, because an error is that of one record, and a deferred
      # constraint is checked only at the commit.
      def one_by_one(changes, outcome)
        changes.each { |change| write_batch([change], outcome) }
        []
      end

      # @return [RecordBatch, nil] nil if the batch was rolled back, and it is not known because of which record
      def transact(batch, outcome)
        transaction = nil
        @patience.spend do
          Database.transaction(@schema.connection) do
            transaction = @schema.connection.current_transaction
            apply(batch, outcome, transaction) { keep_apart(transaction, batch, outcome) }
            keep_apart(transaction, batch, outcome)
          end
        end
        batch
      rescue StandardError => e
        raise unless outcome.tolerable?(e)

        # Takes nothing back after the commit.
        transaction&.state&.committed? ? batch.failed_late(e) : give_up(batch, e)
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

      # Writes rows that somebody keeps locked after the batch, each by itself: they hold up nobody else of their batch.
      def settle(batch, outcome)
        batch.results do |change, became|
          case became
          when ReadBack::PutBack then put_back(change, became.refused.fetch(change), outcome)
          when StandardError then outcome.failed(change.key, became)
          else outcome.settle(change, became)
          end
        end
        batch.late.each { |error| outcome.failed(nil, error) }
        batch.locked.each { |change| write_batch([change], outcome) }
      end

      # Writes the rest of a change: the columns that the host puts back were not written, and their consequences do not
      # follow.
      def put_back(change, columns, outcome)
        rest_of(change, columns, outcome)&.then { |rest| write_batch([rest], outcome) }
      end

      # @yield before each record of several
      def apply(batch, outcome, transaction, &)
        @lock.check
        batch.begin(@patience.wait { @premises.lock(batch.changes) }) { |changes| @premises.facts(changes) }
        return alone(batch, transaction) if batch.alone?

        @batch_save.call(batch, outcome, &)
        written = batch.written
        raise Moved if @premises.moved_since?(written.keys)

        finish(transaction, written.values, @consequences.renewed(written.values))
      end

      def alone(batch, transaction)
        batch.each { |change| write_one(change, batch.facts) }
        finish(transaction, batch.written.values)
      end

      def finish(transaction, written, effects = written.flat_map(&:effects))
        @lock.check
        Database::Standing.check(@schema.connection, transaction)
        @consequences.record(effects) if effects.any?
        @history.record(written.map(&:stored))
      end

      # @return [RecordBatch::Written, String] the change as it was written, or what has moved since the plan
      def write_one(change, facts)
        record, moved = @premises.judge(change, facts)
        moved || save_judged(record, change)
      end

      # @return [RecordBatch::Written]
      def save_judged(record, change)
        stored = @save.call(record, change)
        RecordBatch::Written.new(stored, @consequences.of(record, stored))
      end
    end
    private_constant :RecordWriter
  end
end
