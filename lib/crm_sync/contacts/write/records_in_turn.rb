# frozen_string_literal: true

module CrmSync
  module Contacts
    # Gives the records of a batch, each as it is when its turn has come: callbacks and hooks of those before it may
    # have written to it.
    #
    # All rows are read when the batch begins, and their records are loaded if associations come with them. Later a row
    # is read together with that of the record before it, which is looked at when it has been written ({LateLook}); the
    # record that has been loaded is given only if its row is still the same.
    class RecordsInTurn
      # @param records [LockedRecords]
      # @param changes [Array<CrmSync::Change>] those whose records have been locked, in their turns
      # @param preloaded [Array<Symbol>] associations that are loaded for all records at once
      def initialize(records, changes, preloaded)
        @records = records
        @rows = records.rows(changes)
        @loaded = preloaded.any? ? records.load_all(changes, preloaded) : {}
        # Only the first one is certain to be still as it was read.
        @now = @rows.slice(*changes.first(1))
      end

      # @param change [CrmSync::Change] whose turn has come
      # @return [LockedRecords::Found]
      def of(change)
        row = @now.delete(change) || @records.rows([change])[change]
        # A record is given once: an attempt to save it may have left it with other values.
        record = @loaded.delete(change)
        @records.found(row, (record if row == @rows[change]))
      end

      # Reads the row of a record that has been written, and that of the one whose turn is next.
      #
      # @param change [CrmSync::Change]
      # @param following [CrmSync::Change]
      # @return [Hash{String => Object}, nil] the row of the written record
      def written(change, following)
        @now = @records.rows_of_two(following, change)
        @now.delete(change)
      end

      # Runs the block, which writes a record in a savepoint. What it has read is forgotten if that is rolled back.
      # @return [Object] the result of the block
      def keep
        yield
      rescue StandardError
        @now.clear
        raise
      end
    end
    private_constant :RecordsInTurn
  end
end
