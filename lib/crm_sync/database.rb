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
      case connection.adapter_name
      when /postg/i then PostgreSQL.new(connection)
      when /sqlite/i then SQLite.new(connection)
      else
        raise ConfigurationError, "crm_sync reads PostgreSQL and SQLite, not #{connection.adapter_name}"
      end
    end

    # A transaction, or a savepoint in the host's, that holds all that the block does or nothing.
    #
    # Rails' own commits what a block had done that is left by +throw+, which is how Timeout ends one on some versions;
    # it hides an ActiveRecord::Rollback, after which nothing has been written although all looks well; and a BEGIN
    # during which the thread is killed stays open for whoever gets the connection next.
    def self.transaction(connection)
      Thread.handle_interrupt(Object => :never) do
        done = false
        transaction = connection.begin_transaction
        begin
          connection.materialize_transactions
          Thread.handle_interrupt(Object => :immediate) { yield.tap { done = true } }
        ensure
          done ? commit(connection, transaction) : connection.rollback_transaction
        end
      end
    end

    def self.commit(connection, transaction)
      connection.commit_transaction
    ensure
      connection.rollback_transaction(transaction) unless transaction.state.completed?
    end
    private_class_method :commit
  end
end
