# frozen_string_literal: true

require_relative "outcome"
require_relative "record_writer"

module CrmSync
  module Contacts
    # Puts values back through the model, each record in a transaction of its own: either all columns of a change, or
    # none. Hooks and write-backs do not follow.
    class Restorer < RecordWriter
      # @param schema [CrmSync::Contacts::Schema]
      # @param history [CrmSync::SyncHistory]
      # @param lock [CrmSync::Lock] the lock that is held during the writes
      def initialize(schema, history, lock)
        super(schema, nil, history, lock)
        @declaration = schema.declaration
        @size = BatchSize.new(1)
        @save = RecordSave.new(schema.link, ReadBack.new(schema, nil))
      end

      # @param changes [Array<CrmSync::Change>]
      # @return [Hash] the changes by what happened to them: +applied+, +stale+, +errors+
      def write(changes)
        Database.check_isolation(@schema.connection)
        outcome = Outcome.new(@schema.connection)
        outcome.watch(@declaration.name, changes) { super(changes, outcome) }
        outcome.to_h
      end

      private

      def write_one(change, _facts)
        record, moved = judge(change, [change])
        moved || save_judged(record, change)
      end

      def judge_together(changes)
        changes.to_h { |change| [change, judge(change, changes)] }
      end

      # @param together [Array<CrmSync::Change>] the changes that are made together with this one, or not at all
      def judge(change, together)
        found, moved = @premises.load(change)
        [found.record, moved || moved(found, change, together)]
      end

      # Finds nothing: between the check of a change and its write, nothing runs that could move a premise.
      def moved_meanwhile(_changes) = {}

      def save_judged(record, change)
        RecordBatch::Written.new(@save.call(record, change), [])
      end

      # Reports the change as failed, and writes no rest: either all of it is put back, or nothing.
      def rest_of(change, columns, outcome)
        outcome.failed(change.key, ReadBack::PutBack.new(change => columns))
        nil
      end

      def moved(found, change, together)
        # Reads these columns only: the model may be unable to read others.
        now = change.before.to_h { |column, _| [column, value(found, column)] }
        others = now.reject { |column, value| @history.values.same?(column, value, change.before[column]) }
        return told(others, change) if others.any?

        "the contact is another's by now" if taken?(change, together)
      end

      def value(found, column) = column == @schema.link.name ? found.link : found.record[column]

      def told(others, change)
        values = others.map do |column, value|
          was = Presentable.value(change.before[column])
          "#{column} is #{Presentable.value(value)} now, and was #{was} after the run"
        end
        values.join("; ")
      end

      # Returns whether somebody else has the contact by now. An unlinked user gets it back only if nobody has it.
      def taken?(change, together)
        id = change.after[@schema.link.name]
        return false unless id && @declaration.sharing == :hold

        others = @schema.everybody.where.not(@schema.model.primary_key => together.map(&:key))
        @schema.link.holders(others, RecordId.spellings(id)).any?
      end
    end
    private_constant :Restorer
  end
end
