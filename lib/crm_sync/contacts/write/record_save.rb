# frozen_string_literal: true

require "active_support/core_ext/object/deep_dup"

module CrmSync
  module Contacts
    # Saves a record through the model, and reads back what is stored.
    class RecordSave
      # @param link [LinkPlace::Column, LinkPlace::Row]
      # @param read_back [CrmSync::Contacts::ReadBack]
      def initialize(link, read_back)
        @link = link
        @read_back = read_back
      end

      # Saves the record, and reads it back.
      #
      # @param record [ActiveRecord::Base] the record as it is now, locked
      # @param change [CrmSync::Change]
      # @return [CrmSync::Change] the change as it was stored
      # @raise [ReadBack::PutBack] when some values were not stored
      def call(record, change)
        write(record, change)
        stored(record, change)
      end

      # Saves the record. If a callback raises ActiveRecord::Rollback, Rails swallows it, because the transaction is the
      # sync's, and nothing is written.
      #
      # @param record (see #call)
      # @param change (see #call)
      # @return [void]
      # @raise (see #call)
      def write(record, change)
        save(record, change.after.reject { |name, _| @link.beside?(name) })
        @link.write(record, change.after)
      rescue ActiveRecord::StaleObjectError => e
        # Reports the change as dropped: the row is locked, so nobody else can have changed it.
        e.record.equal?(record) ? @read_back.dropped(change) : raise
      end

      # @param record [ActiveRecord::Base] the record after it was saved
      # @param change (see #call)
      # @return (see #call)
      # @raise (see #call)
      def stored(record, change)
        @read_back.of([change], change => record).fetch(change).tap do |stored|
          # Reloads the record, which does not know yet what the database has rewritten.
          record.reload unless stored.equal?(change)
        end
      end

      private

      def save(record, values)
        return if values.empty?

        # Copies the values: changes share them, and a setter of the host's may modify what it is given.
        record.assign_attributes(values.deep_dup)
        record.save! or raise ActiveRecord::RecordNotSaved.new("a callback rolled it back", record)
      end
    end
    private_constant :RecordSave
  end
end
