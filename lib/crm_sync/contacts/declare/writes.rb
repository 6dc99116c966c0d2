# frozen_string_literal: true

require_relative "declaration"

module CrmSync
  module Contacts
    # The words that declare how changes are written.
    module Writes
      # Declares how changes are written.
      #
      # +:records+ saves each record through the model, in a transaction of its own. +:set_based+, on PostgreSQL only,
      # writes a thousand records at once, without going through the model: *no callbacks, no validations and no setters
      # run*, and what they did for other tables is left to {#after_batch}. Values go through the model's attribute
      # types, +updated_at+ is touched and +lock_version+ increased as a save would do, and the same premises are
      # checked under the same locks.
      # @param way [:records, :set_based]
      # @return [void]
      # @raise [CrmSync::MappingError] when it is neither
      # @example
      #   write :set_based
      def write(way)
        allowed = %i[records set_based]
        declaration.refuse(here, "write is :records or :set_based") unless allowed.include?(way)
        declaration.set(:way, Declaration::Way.new(way, here), here)
      end

      # Declares a block that belongs to a batch of +write :set_based+: it runs in the same transaction as the write,
      # after the blocks of +after_transition+. If it raises, nothing of the batch is written, and its changes are tried
      # again in batches of one; so outside of the database it must do only what can be done twice.
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
    end
  end
end
