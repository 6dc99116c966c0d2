# frozen_string_literal: true

module CrmSync
  module Contacts
    # Provides the records of a batch, each as it is in its turn: callbacks and hooks of earlier records may have
    # written to it.
    #
    # All rows are read when the batch begins, and their records are loaded if associations are to be loaded with them.
    # Later, a row is read together with that of the record before it, which is checked after its write ({LateLook}).
    # The loaded record is used only if its row is still the same.
    class RecordsInTurn
      # @param records [LockedRecords]
      # @param changes [Array<CrmSync::Change>] the changes whose records have been locked, in their order
      # @param preloaded [Array<Symbol>] associations that are loaded for all records at once
      def initialize(records, changes, preloaded)
        @records = records
        @rows = records.rows(changes)
        @loaded = preloaded.any? ? records.load_all(changes, preloaded) : {}
        # Only the first row is certain to be as it was read.
        @now = @rows.slice(*changes.first(1))
      end

      # @param change [CrmSync::Change] the change whose turn it is
      # @return [LockedRecords::Found]
      def of(change)
        row = @now.delete(change) || @records.rows([change])[change]
        # A record is given only once, because an attempt to save it may have left it with other values.
        record = @loaded.delete(change)
        @records.found(row, (record if row == @rows[change]))
      end

      # Reads the row of a record that has been written, and that of the next record.
      #
      # @param change [CrmSync::Change]
      # @param following [CrmSync::Change]
      # @return [Hash{String => Object}, nil] the row of the written record
      def written(change, following)
        @now = @records.rows_of_two(following, change)
        @now.delete(change)
      end

      # Runs the block, which writes a record in a savepoint. If that is rolled back, forgets what it has read.
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
