# frozen_string_literal: true

require_relative "standing"

module CrmSync
  module Database
    # The transaction in which a batch began, and the schemas to which its connection led. A statement of a hook may end
    # the transaction and begin another one, which looks the same to Rails and to the driver; or it may switch the
    # session to the schema of another tenant, where the next record would be looked for.
    class BegunTransaction
      # @return [Integer, nil] the process id of the PostgreSQL session
      attr_reader :session

      # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter] a connection in a transaction that has
      #   just begun
      def initialize(connection)
        @connection = connection
        @transaction = connection.current_transaction
        @database = Database.for(connection)
        @session, @began, @schemas = @now = @database.mark
      end

      # Checks that the transaction goes on, and that the connection leads to the same schemas.
      # @return [void]
      # @raise [ActiveRecord::TransactionRollbackError] if later statements would write elsewhere, or would not be kept
      #   (see {Standing.problem})
      def check
        look
        problem = Standing.problem(@connection, @transaction) || (begun_anew if ended?) || moved
        raise ActiveRecord::TransactionRollbackError, problem if problem
      end

      # Returns whether the transaction goes on after a savepoint in it has been rolled back. If that failed, the
      # savepoint was not there any more.
      # @return [Boolean]
      def kept?
        look
        @ended ||= driver.failed? unless driver.closed?
        !ended?
      end

      # @return [Boolean] whether a check has found that the transaction was ended; what was written in it until then is
      #   either lost or stored
      def ended? = @ended

      # @return [Boolean] whether the database's whole transaction was ended, which may have been the host's
      def gone? = @gone

      # @return [ActiveRecord::TransactionRollbackError] the error about a transaction that was ended
      def error = ActiveRecord::TransactionRollbackError.new(begun_anew)

      private

      # Looks at the transaction. Nothing can be told while a statement is running, such as one that was interrupted.
      def look
        return if driver.closed? || driver.busy?

        @gone = !driver.open?
        @ended = gone? || @transaction.state.completed?
        return if ended? || driver.failed?

        @now = @database.mark_again
        @ended = @gone = @now.first(2) != [@session, @began]
      end

      def begun_anew = "a hook or callback has ended the transaction by a statement, and begun another one"

      def moved
        schemas = @now.last
        return if schemas == @schemas

        "a hook or callback has led the connection to other schemas, and not back: to #{schemas}, from #{@schemas}"
      end

      def driver = Driver.of(@connection)
    end
  end
end
