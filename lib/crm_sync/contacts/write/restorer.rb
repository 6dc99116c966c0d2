# frozen_string_literal: true

require_relative "outcome"
require_relative "record_writer"

module CrmSync
  module Contacts
    # Puts values back through the model, each record in a transaction of its own: all columns of a change, or none.
    # Hooks and write-backs do not follow.
    class Restorer < RecordWriter
      # @param schema [CrmSync::Contacts::Schema]
      # @param history [CrmSync::SyncHistory]
      # @param lock [CrmSync::Lock] the lock that is held during the writes
      def initialize(schema, history, lock)
        super(schema, nil, history, lock)
        @declaration = schema.declaration
        @size = 1
        @save = RecordSave.new(ReadBack.new(schema, nil))
      end

      # @param changes [Array<CrmSync::Change>]
      # @return [Hash] the changes by what happened to them: +applied+, +stale+, +errors+
      def write(changes)
        outcome = Outcome.new(@schema.connection)
        super(changes, outcome)
        outcome.to_h
      end

      private

      def write_one(change, _facts)
        record, moved = @premises.load(change)
        moved ||= moved(record, change)
        return moved if moved

        RecordBatch::Written.new(@save.call(record, change), [])
      end

      # Reports the change and writes no rest: all of it is put back, or nothing.
      def put_back(change, columns, outcome)
        outcome.failed(change.key, ReadBack::PutBack.new(change => columns))
      end

      def moved(record, change)
        others = change.before.reject { |column, value| @history.values.same?(column, record[column], value) }
        return told(record, others) if others.any?

        "the contact is another's by now" if taken?(change)
      end

      def told(record, others)
        values = others.map do |column, value|
          "#{column} is #{Presentable.value(record[column])} now, and was #{Presentable.value(value)} after the run"
        end
        values.join("; ")
      end

      # Returns whether somebody else has the contact by now: only without one may an unlinked user get it back.
      def taken?(change)
        id = change.after[@declaration.foreign_key]
        return false unless id && @declaration.sharing == :hold

        others = @schema.everybody.where.not(@schema.model.primary_key => change.key)
        others.exists?(@declaration.foreign_key => RecordId.spellings(id))
      end
    end
    private_constant :Restorer
  end
end
