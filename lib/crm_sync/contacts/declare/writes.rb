# frozen_string_literal: true

require_relative "declaration"

module CrmSync
  module Contacts
    # The words that declare how changes are written.
    module Writes
      # Declares how changes are written.
      #
      # +:records+ saves each record through the model. Up to 100 records share a transaction, in which each has a
      # savepoint, so that a record which cannot be saved is an error of that record only. A transaction takes no
      # further record after half a second. +after_commit+ callbacks run when all records of the transaction have been
      # written. With +batch: 1+, each record has a transaction of its own.
      #
      # +:set_based+, on PostgreSQL only, writes up to 500 records with one statement, without going through the model:
      # *no callbacks, no validations and no setters run*. What they did for other tables is left to {#after_batch}.
      # Values go through the model's attribute types, +updated_at+ is touched and +lock_version+ is incremented as by a
      # save, and the same premises are checked under the same locks.
      # @param way [:records, :set_based] the way of writing
      # @param batch [Integer, nil] the maximum number of records in one transaction of +:records+, from 1 to 1,000
      # @return [void]
      # @raise [CrmSync::MappingError] when +way+ is neither of these, or +batch+ is not such a number or not allowed
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

      # Declares a block that runs for a batch of +write :set_based+: in the transaction of the write, after the blocks
      # of +after_transition+, with up to 50 changes at a time. If it raises, nothing of the batch is written, and the
      # changes of the batch are tried again in smaller batches, down to single changes. The block can therefore run
      # several times for a change; what it does outside of the database must be safe to repeat.
      # @yieldparam changes [Array<CrmSync::Contacts::Change>] at least one change that was written
      # @return [void]
      # @raise [CrmSync::MappingError] when there is no block, or it cannot take this argument
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
