# frozen_string_literal: true

require_relative "../../store/database/begun_transaction"

module CrmSync
  module Contacts
    # Checks whether a writer is still in the transaction in which it began, and still has the lock. Hooks and callbacks
    # run in between.
    module TransactionCheck
      private

      # Notes the transaction in which the writer begins, and checks the lock.
      # @raise [CrmSync::Lock::Lost]
      def note_transaction
        @begun = Database::BegunTransaction.new(@schema.connection)
        @lock.check(@begun.session)
      end

      # Checks whether the writer is still in that transaction, after hooks and callbacks have run in it.
      # @raise [ActiveRecord::TransactionRollbackError, CrmSync::Lock::Lost]
      def check_transaction
        @begun.check
        @lock.check(@begun.session)
      end
    end
    private_constant :TransactionCheck
  end
end
