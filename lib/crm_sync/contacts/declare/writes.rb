# frozen_string_literal: true

require_relative "declaration"

module CrmSync
  module Contacts
    # The words that declare how changes are written.
    module Writes
      # Declares how changes are written.
      #
      # +:records+ saves each record through the model. Up to 100 records are in one transaction, in which each has a
      # savepoint, so that one that fails is the error of that record; it takes no further record after half a second.
      # So +after_commit+ runs when all of them have been written. With +batch: 1+ each record has a transaction of its
      # own.
      #
      # +:set_based+, on PostgreSQL only, writes thousands of records at once, without going through the model: *no
      # callbacks, no validations and no setters run*, and what they did for other tables is left to {#after_batch}.
      # Values go through the model's attribute types, +updated_at+ is touched and +lock_version+ increased as a save
      # would do, and the same premises are checked under the same locks.
      # @param way [:records, :set_based]
      # @param batch [Integer, nil] the largest number of records in one transaction of +:records+, from 1 to 1,000
      # @return [void]
      # @raise [CrmSync::MappingError] when it is neither, or +batch+ is no such number
      # @example
      #   write :records, batch: 1
      # @example
      #   write :set_based
      def write(way, batch: nil)
        allowed = %i[records set_based]
        problem = "write is :records or :set_based" unless allowed.include?(way)
        problem ||= batch_problem(way, batch) unless batch.nil?
        declaration.refuse(here, problem) if problem
        declaration.set(:way, Declaration::Way.new(way, here, batch), here)
      end

      # Declares a block that belongs to a batch of +write :set_based+: it runs in the same transaction as the write,
      # after the blocks of +after_transition+, for up to 50 changes at a time. If it raises, nothing of the batch is
      # written, and its changes are tried again in smaller batches, down to one; so outside of the database the block
      # must do only what can be done twice.
      # @yieldparam changes [Array<CrmSync::Contacts::Change>] the changes that were written; at least one
      # @return [void]
      # @raise [CrmSync::MappingError] without a block
      # @example
      #   after_batch do |changes|
      #     ApplicationUser.where(user_id: changes.map(&:key)).update_all("unread_updates = unread_updates + 1")
      #   end
      def after_batch(&block)
        block_for("after_batch", block, "the changes")
        declaration.batch_hooks << Declaration::BatchHook.new(block, here)
      end

      private

      def batch_problem(way, batch)
        return "batch: belongs to write :records; write :set_based has batches of its own" if way == :set_based

        "batch: is a number of records, from 1 to 1,000" unless batch.is_a?(Integer) && batch.between?(1, 1_000)
      end
    end
  end
end
