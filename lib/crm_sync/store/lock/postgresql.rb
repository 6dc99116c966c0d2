# frozen_string_literal: true

require "digest"

module CrmSync
  class Lock
    # An advisory lock of the session that writes, which PostgreSQL releases when the session ends. Such locks belong to
    # the database; tenants with schemas of their own have locks of their own.
    #
    # If the host has a transaction open, the lock belongs to that transaction: until it ends, nobody else sees what was
    # written, and if it has failed, no statement could release the lock any more.
    class PostgreSQL
      # The name under which the state keeps the holder.
      STATE = "lock"
      # Stands for a session if a pooler is between this process and the server. No session has this number.
      POOLER = 0
      private_constant :STATE, :POOLER

      # @param sync_name [String]
      # @param model [Class] the model whose connection writes
      def initialize(sync_name, model)
        @sync_name = sync_name
        @model = model
        schema = Database.first_schema(model)
        name = ["crm_sync #{sync_name}", schema].compact.join(" in ")
        @number = Digest::SHA256.digest(name).unpack1("q>")
      end

      # @return [Array] identifies the lock
      def key
        [@model.connection_pool, @number]
      end

      # @return [Boolean] whether the lock has been acquired
      # @raise [Shared] if the session could not keep it
      def take
        @connection = @session = @signed = nil
        connection = Database.connection(@model)
        @in_transaction = connection.transaction_open?
        @connection = connection
        return try("pg_try_advisory_xact_lock", "TRUE") if @in_transaction

        pooler = Database::Pooler.new(connection)
        Database.wake(connection) unless pooler.session # Rails 7.1 connects when a connection is first used.
        try("pg_try_advisory_lock", "pg_backend_pid() = #{pooler.session || "pg_backend_pid()"}")
        @session == POOLER ? take_behind_pooler : !!@session
      end

      # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter]
      # @return [Boolean] whether the lock belongs to the connection's session, and not to a transaction of the host's
      def keeps?(connection) = !!@session && !@in_transaction && connection.equal?(@connection)

      # Reopens the connection if its session has ended. Not within a transaction of the host, which would be lost with
      # the session, and whose loss must be seen.
      def wake = Database.wake(Database.connection(@model))

      # @return [Boolean] whether the lock is still held, or has been acquired again
      def renew
        wake
        held? || (!@in_transaction && take)
      end

      # Asks the server, because behind a pooler another session may answer over the same connection.
      # @param session [Integer, nil] the server's answer, if the caller has it already
      # @return [Boolean]
      def held?(session = nil)
        (session || ask("SELECT pg_backend_pid()", Database.connection(@model))) == @session
      end

      # Writes the holder into the state, once for each session. Not within a transaction of the host, before whose end
      # nobody could see it.
      def sign(holder)
        return if @in_transaction || @signed == @session

        State.for(@sync_name, @model).write(STATE, { **holder.to_h, "session" => @session })
        @signed = @session
      end

      # @return [Holder, nil] the holder in the state, if it has the session that PostgreSQL names
      def holder
        kept = State.for(@sync_name, @model).read(STATE)
        Holder.from(kept) if kept["session"] && kept["session"] == holding_session&.first
      end

      # @return [Holder, nil] the holder as PostgreSQL knows it
      def guess
        session, since = holding_session
        Holder.new("session #{session} of PostgreSQL", since) if session
      end

      # Releases the lock. An error ends the session, which releases the lock as well, and is not raised, because a more
      # important error may be under way. The session is also ended if an interrupt came while the lock was acquired,
      # after which nobody knows whether it is held.
      def release
        return if @in_transaction || @connection.nil? || [false, POOLER].include?(@session)
        return Database::Standing.discard(@connection) unless @session

        guarded { ask(<<~SQL) }
          SELECT CASE
            WHEN pg_backend_pid() <> #{@session} THEN NULL
            WHEN EXISTS (SELECT FROM pg_locks l WHERE l.pid = pg_backend_pid() AND #{lock})
              THEN pg_advisory_unlock(#{@number})
            ELSE false -- given back already, just before an interrupt came
          END
        SQL
      rescue ActiveRecord::ActiveRecordError
        nil
      end

      # Does nothing in a forked child, in which Rails has discarded the connection.
      def forget = nil

      private

      # Tries to acquire the lock, if the condition holds.
      # @return [Boolean] whether the lock has been acquired
      def try(function, condition)
        guarded { @session = ask(<<~SQL) || false }
          SELECT CASE WHEN NOT (#{condition}) THEN #{POOLER} WHEN #{function}(#{@number}) THEN pg_backend_pid() END
        SQL
        !!@session
      end

      # Acquires the lock behind a pooler, if that lets this process alone have the session. A session that has the lock
      # already is another process's as well, because this one does not have the lock.
      def take_behind_pooler
        raise Shared if Database.of(@model).shares_sessions?

        try("pg_try_advisory_lock", "NOT EXISTS (SELECT FROM pg_locks l WHERE l.pid = pg_backend_pid() AND #{lock})")
        raise Shared if @session == POOLER

        !!@session
      end

      # Ends the session, and the lock with it, if the result of a statement is not known.
      def guarded(&work)
        return work.call if @in_transaction

        begin
          answer = Thread.handle_interrupt(Object => :on_blocking, &work)
        ensure
          Database::Standing.discard(@connection) if answer.nil?
        end
      end

      # Bypasses the query cache.
      def ask(sql, connection = @connection)
        connection.uncached { connection.select_value(sql) }
      end

      def holding_session
        @connection.uncached { @connection.select_rows(<<~SQL) }.first
          SELECT l.pid, to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"')
          FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
          WHERE #{lock}
        SQL
      end

      # Returns the condition that a row of pg_locks, named l, is this lock.
      def lock
        <<~SQL
          l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
            AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND ((l.classid::bigint << 32) | l.objid::bigint) = #{@number}
        SQL
      end
    end
  end
end
