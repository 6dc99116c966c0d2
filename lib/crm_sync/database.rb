# frozen_string_literal: true

require_relative "database/postgresql"
require_relative "database/sqlite"

module CrmSync
  # What differs between databases.
  # @api private
  module Database
    # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter]
    # @return [PostgreSQL, SQLite]
    # @raise [CrmSync::ConfigurationError] for any other database
    def self.for(connection)
      adapter = connection.adapter_name
      problem = problem(adapter)
      raise ConfigurationError, problem if problem

      /sqlite/i.match?(adapter) ? SQLite.new(connection) : PostgreSQL.new(connection)
    end

    # @param adapter [String] as config/database.yml or a connection names it
    # @return [String, nil] what is to be said of a database that crm_sync does not know
    def self.problem(adapter)
      return if /postg|sqlite/i.match?(adapter)

      "crm_sync works with PostgreSQL and SQLite, and this database's adapter is #{adapter}. Nothing has been made " \
        "or written; sync a model whose database is one of these"
    end

    # @param error [StandardError]
    # @return [Boolean] whether somebody else kept a lock for longer than one waits for it
    def self.locked?(error)
      error.is_a?(ActiveRecord::LockWaitTimeout) ||
        (error.is_a?(ActiveRecord::StatementInvalid) && error.cause.class.to_s == "SQLite3::BusyException")
    end

    # A transaction, or a savepoint in the host's, that holds all that the block does or nothing.
    #
    # Rails' own commits what a block had done that is left by +throw+, which is how Timeout ends one on some versions;
    # it hides an ActiveRecord::Rollback, after which nothing has been written although all looks well; and a BEGIN
    # during which the thread is killed stays open for whoever gets the connection next.
    def self.transaction(connection, &work) # rubocop:disable Naming/BlockForwarding -- Ruby 3.3.0 forbids it in a block
      Thread.handle_interrupt(Object => :never) do
        transaction = connection.begin_transaction
        begin
          connection.materialize_transactions
          result = Thread.handle_interrupt(Object => :immediate, &work) # rubocop:disable Naming/BlockForwarding
          done = true
          result
        ensure
          finish(connection, transaction, done)
        end
      end
    end

    # The host's callbacks run in here, and threads that they start inherit the mask: were it +:never+, they could not
    # be ended, and neither could the process.
    def self.finish(connection, transaction, done)
      Thread.handle_interrupt(Object => :on_blocking) do
        next connection.commit_transaction if done

        cancel(connection)
        connection.rollback_transaction
      end
    rescue ActiveRecord::StatementInvalid
      # Ctrl-C in the middle of a SAVEPOINT leaves none to go back to. What is to be seen is the Ctrl-C.
      raise if done
    ensure
      abandon(connection, transaction) unless transaction.state.completed?
    end
    private_class_method :finish

    # A statement that was interrupted while it waited, for somebody else's row lock say, is still under way on the
    # server: a ROLLBACK would wait for it, and nobody could end that any more.
    def self.cancel(connection)
      raw = connection.raw_connection
      raw.cancel if raw.respond_to?(:transaction_status) && raw.transaction_status == PG::PQTRANS_ACTIVE
    end
    private_class_method :cancel

    # Something is on its way to the caller already, and counts more than that this does not work either.
    def self.abandon(connection, transaction)
      connection.rollback_transaction(transaction)
    rescue ActiveRecord::StatementInvalid
      nil
    end
    private_class_method :abandon
  end
end
