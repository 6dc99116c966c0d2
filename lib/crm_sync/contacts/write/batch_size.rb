# frozen_string_literal: true

module CrmSync
  module Contacts
    # Says how many changes the next batch takes: as many as the last one had time for, and twice as many if it had time
    # for all. Those for which no time is left have been locked and loaded for nothing.
    class BatchSize
      # @return [Integer]
      attr_reader :to_i

      # @param most [Integer] the number that a batch takes where there is time
      def initialize(most)
        @most = @to_i = most
      end

      # @param batch [RecordBatch] one that is over
      # @return [void]
      def follow(batch)
        if batch.left.any?
          @to_i = batch.open.size - batch.left.size
        elsif batch.changes.size == @to_i
          @to_i = [@to_i * 2, @most].min
        end
      end

      # Has each change be a batch of its own from now on.
      # @return [void]
      def one_by_one
        @most = @to_i = 1
      end
    end
    private_constant :BatchSize
  end
end
