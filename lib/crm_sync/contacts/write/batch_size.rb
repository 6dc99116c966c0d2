# frozen_string_literal: true

module CrmSync
  module Contacts
    # Adapts the number of changes in the next batch: as many as the last batch had time for, and twice as many if it
    # had time for all of them. Changes for which no time is left have been locked and loaded in vain.
    class BatchSize
      # @return [Integer]
      attr_reader :to_i

      # @param most [Integer] the largest number of changes in a batch
      def initialize(most)
        @most = @to_i = most
      end

      # @param batch [RecordBatch] a batch that is over
      # @return [void]
      def follow(batch)
        if batch.left.any?
          @to_i = batch.open.size - batch.left.size
        elsif batch.changes.size == @to_i
          @to_i = [@to_i * 2, @most].min
        end
      end

      # Makes each change a batch of its own from now on.
      # @return [void]
      def one_by_one
        @most = @to_i = 1
      end
    end
    private_constant :BatchSize
  end
end
