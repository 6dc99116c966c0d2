# frozen_string_literal: true

module CrmSync
  module Database
    # Tells the state of a connection according to the database, and ends what is open on it.
    #
    # It calls the driver (the pg or sqlite3 gem) directly: Rails' lock lets interrupts in again wherever it is taken,
    # and +raw_connection+ sends the BEGIN of a transaction that the host has only announced.
    module Driver
      # An error of Rails 7.1 and newer.
      NOT_STARTED = "ActiveRecord::ConnectionAdapters::TransactionInstrumenter::InstrumentationNotStartedError"
      private_constant :NOT_STARTED

      # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter]
      # @return [PostgreSQL, SQLite, Nothing]
      def self.of(connection)
        raw = raw(connection)
        return Nothing if raw.nil?

        raw.respond_to?(:transaction_status) ? PostgreSQL.new(raw) : SQLite.new(raw)
      end

      # @return [PG::Connection, SQLite3::Database, nil] nil if Rails has not connected yet, or is not connected any
      #   more
      def self.raw(connection)
        # The second name is the one before Rails 7.1.
        %i[@raw_connection @connection].filter_map { |name| connection.instance_variable_get(name) }.first
      end

      # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter]
      # @return [Boolean] whether the pg gem is connected
      def self.pg?(connection)
        defined?(::PG::Connection) && raw(connection).is_a?(::PG::Connection)
      end

      # @return [Array<Class>] the errors that Rails and the loaded drivers raise when a statement fails, or when an
      #   interrupt comes while Rails records a transaction
      def self.errors
        [ActiveRecord::StatementInvalid, ActiveRecord::ConnectionNotEstablished, NOT_STARTED.safe_constantize,
         (::PG::Error if defined?(::PG)), (::SQLite3::Exception if defined?(::SQLite3))].compact
      end

      # PostgreSQL through the pg gem.
      PostgreSQL = Struct.new(:raw) do
        # @return [Boolean] whether the connection is gone
        def closed?
          raw.finished? || raw.status != PG::CONNECTION_OK
        end

        # @return [Boolean] whether a statement is still running
        def busy?
          !closed? && raw.transaction_status == PG::PQTRANS_ACTIVE
        end

        # @return [Boolean] whether a transaction is open
        def open?
          !closed? && [PG::PQTRANS_INTRANS, PG::PQTRANS_INERROR].include?(raw.transaction_status)
        end

        # @return [Boolean] whether a statement has failed in the transaction, so that it can only be rolled back
        def failed?
          raw.transaction_status == PG::PQTRANS_INERROR
        end

        # Waits until no statement is running any more.
        # @param cancel [Boolean] whether the running statement is cancelled
        # @return [Boolean] whether the statement has succeeded
        def settle(cancel:)
          return true unless busy?

          raw.cancel if cancel
          worked = true
          while (result = raw.get_result)
            # An interrupted COPY would wait for rows for ever.
            raw.put_copy_end("interrupted") if result.result_status == PG::PGRES_COPY_IN
            worked &&= result.result_status != PG::PGRES_FATAL_ERROR
          end
          worked
        end

        # Ends the transaction.
        def rollback
          raw.exec("ROLLBACK")
        end

        # Rolls back to a savepoint, if it is there. The database does not tell whether it is, and a statement that
        # fails because it is not would end the whole transaction; so a probe savepoint is made first.
        def rollback_to(savepoint)
          usable = raw.transaction_status == PG::PQTRANS_INTRANS
          raw.exec("SAVEPOINT crm_sync_probe") if usable
          raw.exec("ROLLBACK TO SAVEPOINT #{savepoint}; RELEASE SAVEPOINT #{savepoint}")
        rescue PG::Error
          raw.exec("ROLLBACK TO SAVEPOINT crm_sync_probe; RELEASE SAVEPOINT crm_sync_probe") if usable
        end

        # Ends the session, and with it everything that it holds.
        def close
          raw.close unless raw.finished?
        end
      end

      # SQLite through the sqlite3 gem.
      SQLite = Struct.new(:raw) do
        # @return [Boolean] whether the connection is gone
        def closed?
          raw.closed?
        end

        # @return [false] because no statement goes on without its caller
        def busy? = false

        # @return [Boolean] whether a transaction is open
        def open?
          !closed? && raw.transaction_active?
        end

        # @return [false] because a failed statement rolls back nothing else, or ends the whole transaction
        def failed? = false

        # Returns at once, because no statement is ever running.
        def settle(cancel:) = true # rubocop:disable Lint/UnusedMethodArgument -- as in PostgreSQL

        # Ends the transaction.
        def rollback
          raw.execute("ROLLBACK")
        end

        # Rolls back to a savepoint, if it is there.
        def rollback_to(savepoint)
          raw.execute("ROLLBACK TO SAVEPOINT #{savepoint}")
          raw.execute("RELEASE SAVEPOINT #{savepoint}")
        rescue ::SQLite3::SQLException
          nil # the savepoint is not there, which does no harm
        end

        # Ends the connection, and with it everything that it holds.
        def close
          raw.close unless closed?
        end
      end

      # Represents a connection that does not exist.
      module Nothing
        class << self
          def closed? = true
          def busy? = false
          def open? = false
          # Does nothing, because nothing is open.
          def close; end
        end
      end
    end
    private_constant :Driver
  end
end
