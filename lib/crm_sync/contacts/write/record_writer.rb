# frozen_string_literal: true

require_relative "batch_save"
require_relative "batch_size"
require_relative "early_commit"
require_relative "patience"
require_relative "premises"
require_relative "read_back"
require_relative "record_batch"
require_relative "record_exchange"
require_relative "record_save"
require_relative "record_transaction"
require_relative "turns"

module CrmSync
  module Contacts
    # Writes changes through the model, in batches: one transaction for each batch, and in it a savepoint for each
    # record.
    #
    # A batch locks its rows, and reads what their changes stand on, by one query each. Callbacks and hooks may write to
    # records of their batch whose turn has not come ({RecordsInTurn}). They may also move an address or a contact to
    # another user. This is checked again before the commit, together with what others have done meanwhile; if a premise
    # has moved, each change is written by itself.
    class RecordWriter
      include RecordExchange
      include RecordTransaction

      # The number of changes in a batch if the declaration names none. If saving a record takes longer than 5 ms, the
      # time of a batch is over earlier.
      BATCH = 100

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
        @early = EarlyCommit.new(schema, @premises, read_back, consequences, history)
        @save = RecordSave.new(schema.link, read_back)
        @batch_save = BatchSave.new(schema, @premises, consequences, @patience, LateLook.new(schema, @save, read_back))
      end

      # @param changes [Array<CrmSync::Change>]
      # @param outcome [CrmSync::Contacts::Outcome] collects what happens to each change
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

      # Writes each change in a transaction of its own, because an error belongs to a single record, and a deferred
      # constraint is checked only at the commit.
      def one_by_one(changes, outcome)
        changes.each { |change| write_batch([change], outcome) }
        []
      end

      # Settles the changes of a batch. Rows that somebody else keeps locked are written afterwards, each by itself, so
      # that they do not hold up other records.
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

      # Writes the rest of a change. The columns that the host puts back were not written, so their consequences do not
      # follow.
      def put_back(change, columns, outcome)
        rest_of(change, columns, outcome)&.then { |rest| write_batch([rest], outcome) }
      end

      # @yield before each record, if there are several
      def apply(batch, outcome, &)
        note_transaction
        batch.begin(@patience.wait { @premises.lock(batch.changes) }) { |changes| @premises.facts(changes) }
        return alone(batch) if batch.alone?

        @batch_save.call(batch, outcome, @begun, &)
        written = batch.written
        raise Moved if @premises.moved_since?(written.keys)

        finish(written.values, @consequences.renewed(written.values))
      end

      def alone(batch)
        batch.each { |change| write_one(change, batch.facts) }
        finish(batch.written.values)
      end

      def finish(written, effects = written.flat_map(&:effects))
        check_transaction
        @consequences.record(effects) if effects.any?
        @history.record(written.map(&:stored))
      end

      # @return [RecordBatch::Written, String] the change as it was written, or what has changed since the plan
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
