# frozen_string_literal: true

require_relative "late_look"
require_relative "record_batch"

module CrmSync
  module Contacts
    # Saves the records of a batch, each in a savepoint in its turn, so that a record that fails does not roll back the
    # others.
    class BatchSave
      # @param schema [CrmSync::Contacts::Schema]
      # @param premises [Premises]
      # @param consequences [Consequences]
      # @param patience [Patience]
      # @param late_look [LateLook]
      def initialize(schema, premises, consequences, patience, late_look)
        @schema = schema
        @premises = premises
        @consequences = consequences
        @patience = patience
        @late_look = late_look
      end

      # @param batch [RecordBatch] a batch that has begun
      # @param outcome [CrmSync::Contacts::Outcome] tells which errors can be those of a single record
      # @param begun [Database::BegunTransaction] the transaction of the batch
      # @yield before each record
      # @return [void]
      def call(batch, outcome, begun)
        records = @premises.in_turn(batch.open, @consequences.preloaded(batch.open))
        standing = Database::Standing.new(@schema.connection)
        batch.each do |change, following|
          yield
          try(outcome, standing, begun) { records.keep { write(change, following, records, batch.facts) } }
        end
      end

      private

      # @return [RecordBatch::Written, String, StandardError] the result of the block, or its error
      # @raise [StandardError] an error that ends the batch
      def try(outcome, standing, begun, &)
        @patience.try { @late_look.savepoint(standing, begun, &) }
      rescue StandardError => e
        raise unless begun.kept? && outcome.tolerable?(e) && standing.kept?

        e
      end

      # @return [RecordBatch::Written, String] the change as it was written, or what has changed since the plan
      def write(change, following, records, facts)
        record, moved = @premises.judge(change, facts, records.of(change))
        moved || @late_look.write(record, change, records, following) do |stored|
          RecordBatch::Written.new(stored, @consequences.of(record, stored))
        end
      end
    end
    private_constant :BatchSave
  end
end
