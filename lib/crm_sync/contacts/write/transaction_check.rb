# frozen_string_literal: true

require_relative "../../store/database/begun_transaction"

module CrmSync
  module Contacts
    # Has a writer that includes it know whether what it does is still in the transaction in which it began, and under
    # the lock: hooks and callbacks run in between.
    module TransactionCheck
      private

      # Begins what is done in a transaction.
      # @raise [CrmSync::Lock::Lost]
      def note_transaction
        @begun = Database::BegunTransaction.new(@schema.connection)
        @lock.check(@begun.session)
      end

      # Looks whether what was done is still in that transaction, after hooks and callbacks have run in it.
      # @raise [ActiveRecord::TransactionRollbackError, CrmSync::Lock::Lost]
      def check_transaction
        @begun.check
        @lock.check(@begun.session)
      end
    end
    private_constant :TransactionCheck
  end
end
