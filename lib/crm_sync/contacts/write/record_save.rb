# frozen_string_literal: true

module CrmSync
  module Contacts
    # Saves a record through the model, and reads back what stands there then.
    class RecordSave
      # @param read_back [CrmSync::Contacts::ReadBack]
      def initialize(read_back)
        @read_back = read_back
      end

      # Saves the record. If a callback raises ActiveRecord::Rollback, Rails hides it, because the transaction is ours,
      # and writes nothing.
      #
      # @param record [ActiveRecord::Base] locked, and as it is now
      # @param change [CrmSync::Change]
      # @return [CrmSync::Change] the change as it was stored
      # @raise [ReadBack::PutBack] when some values were not stored
      def call(record, change)
        record.assign_attributes(change.after)
        record.save! or raise ActiveRecord::RecordNotSaved.new("a callback rolled it back", record)
        @read_back.of([change], change => record).fetch(change).tap do |stored|
          # Reloads the record, which does not know yet what the database has rewritten.
          record.reload unless stored.equal?(change)
        end
      rescue ActiveRecord::StaleObjectError => e
        # Reports it as dropped: the row is locked, so nobody else can have written it.
        e.record.equal?(record) ? @read_back.dropped(change) : raise
      end
    end
    private_constant :RecordSave
  end
end
