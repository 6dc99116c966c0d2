# frozen_string_literal: true

require_relative "../../store/database/begun_transaction"
require_relative "outcome"

module CrmSync
  module Contacts
    # Checks whether a writer is still in the transaction in which it began, and still has the lock. Hooks and callbacks
    # run in between.
    module TransactionCheck
      private

      # Runs the block in a transaction. If it fails, notes whether a statement of the host's has ended the transaction
      # before that, because the rollback leaves nothing that could tell.
      # @yieldparam transaction [ActiveRecord::ConnectionAdapters::Transaction]
      # @return [Object] the result of the block
      def in_transaction
        @begun = nil
        Database.writing(@schema.connection) do
          yield @schema.connection.current_transaction
        rescue StandardError => e
          note_end unless Database.locked?(e) || Outcome.deadline?(e)
          raise
        end
      end

      def note_end
        @begun&.kept?
      rescue ActiveRecord::ActiveRecordError
        nil # the session is gone, which the rollback finds as well
      end

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
