# frozen_string_literal: true

require_relative "limits"
require_relative "standing"

module CrmSync
  module Database
    # Begins transactions, and tells those in which others' commits are seen from those in which they are not.
    module Transactions
      # The number of times that a statement is executed that fails because others write the same row.
      TRIES = 50
      private_constant :TRIES

      # Runs the block in a transaction, or in a savepoint in the host's, that keeps either everything that the block
      # does, or nothing.
      #
      # Rails' own method commits the work of a block that is left by +throw+, which is how Timeout ends a block in some
      # versions. It hides an ActiveRecord::Rollback, after which nothing has been written although no error shows. And
      # a BEGIN during which the thread is interrupted stays open for whoever gets the connection next.
      # @param joinable [Boolean] (see Standing#transaction)
      # @param isolation [Symbol, nil] (see Standing#transaction)
      # @return [Object] the result of the block
      def transaction(connection, joinable: true, isolation: nil)
        limits = Limits.of(connection) unless connection.transaction_open?
        Database.wake(connection) if limits # The session may have ended while it was idle.
        Standing.new(connection).transaction(joinable:, isolation:) do
          limits&.set
          yield
        end
      end

      # Runs the block in a transaction as {#transaction} does, in which each query reads what has been committed until
      # it begins. A transaction of the host's keeps its isolation: see {#check_isolation}.
      # @return [Object] the result of the block
      def writing(connection, &)
        transaction(connection, isolation: (Database.for(connection).isolation unless connection.transaction_open?), &)
      end

      # Refuses a transaction of the host's that does not see what others have committed since it began. Two such
      # transactions could give one contact to two users, whatever is locked. The transaction around an example of the
      # host's specs, in which nobody else writes, is not refused.
      # @return [void]
      # @raise [CrmSync::ConfigurationError]
      def check_isolation(connection)
        level = Database.for(connection).strict_isolation if connection.current_transaction.joinable?
        return unless level

        raise ConfigurationError, "the sync was called in a transaction with the isolation #{level}, in which it " \
                                  "cannot see what others commit meanwhile, and has written nothing; call it outside " \
                                  "of the transaction, or begin that with isolation: :read_committed"
      end

      # Runs the block, which executes one statement that writes; again if it fails because somebody else has written
      # the row meanwhile, as it does where the default isolation of the database is a strict one.
      # @param model [Class] the model whose connection writes
      # @return [Object] the result of the block
      def retrying(model)
        tries = 0
        begin
          yield
        rescue ActiveRecord::SerializationFailure
          raise if Database.connection(model).transaction_open? || (tries += 1) == TRIES

          retry
        end
      end
    end
    private_constant :Transactions
  end
end
