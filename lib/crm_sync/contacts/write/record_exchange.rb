# frozen_string_literal: true

require_relative "exchange"

module CrmSync
  module Contacts
    # Saves records that exchange their contacts through the model, one after the other.
    module RecordExchange
      include Exchange

      private

      # @param records [Hash{CrmSync::Change => ActiveRecord::Base}] the records as they were judged
      # @yield before each record
      # @return [Hash{CrmSync::Change => CrmSync::Change}] each change as it was stored
      def save_together(records)
        written = records.to_h do |change, record|
          yield
          [change, save_in_turn(change, record)]
        end
        stop(moved_meanwhile(records.keys))
        finish(written.values)
        written.transform_values(&:stored)
      end

      def moved_meanwhile(changes) = @premises.moved_beside(changes)

      def save_in_turn(change, record)
        @schema.link.reload(record)
        moved = @premises.columns_moved(change, record)
        stop(change => moved) if moved
        save_judged(record, change)
      rescue Stopped, ReadBack::PutBack
        raise
      rescue StandardError
        raise Failed, change
      end
    end
    private_constant :RecordExchange
  end
end
