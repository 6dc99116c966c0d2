# frozen_string_literal: true

require "digest"

module CrmSync
  class Lock
    # An advisory lock of the session that writes, which PostgreSQL takes back when the session ends. Such locks are of
    # the database, and tenants that have schemas of their own have locks of their own as well.
    #
    # It is one of the host's transaction where there is one: until that ends nobody else sees what was written, and
    # where it has failed nothing could be unlocked any more.
    class PostgreSQL
      # Under this name the state has who holds it.
      STATE = "lock"
      private_constant :STATE

      # @param sync_name [String]
      # @param model [Class] whose connection writes
      def initialize(sync_name, model)
        @sync_name = sync_name
        @model = model
        schema = Database.first_schema(model)
        name = ["crm_sync #{sync_name}", schema].compact.join(" in ")
        @number = Digest::SHA256.digest(name).unpack1("q>")
      end

      # @return [Array] tells one lock from another
      def key
        [@model.connection_pool, @number]
      end

      # @return [Boolean] whether we have it now
      def take
        @connection = @session = @signed = nil
        connection = @model.connection
        @in_transaction = connection.transaction_open?
        @connection = connection
        function = @in_transaction ? "pg_try_advisory_xact_lock" : "pg_try_advisory_lock"
        guarded { @session = ask("SELECT CASE WHEN #{function}(#{@number}) THEN pg_backend_pid() END") || false }
        !!@session
      end

      # Opens the connection anew where the session has been ended. A transaction of the host's would be lost with it,
      # and nothing is hidden then.
      def wake = Database.wake(@model.connection)

      # @return [Boolean] whether we have it, still or again
      def renew
        wake
        held? || (!@in_transaction && take)
      end

      # Asks the server: behind a pooler, another session may answer over the same connection.
      # @param session [Integer, nil] the answer, where it has been asked already
      # @return [Boolean]
      def held?(session = nil)
        (session || ask("SELECT pg_backend_pid()", @model.connection)) == @session
      end

      # Writes down who has it, once for each session, unless nobody could see it before the host's transaction has
      # ended.
      def sign(holder)
        return if @in_transaction || @signed == @session

        State.for(@sync_name, @model).write(STATE, { **holder.to_h, "session" => @session })
        @signed = @session
      end

      # @return [Holder, nil] the holder that was written down, if it is of the session that PostgreSQL names
      def holder
        kept = State.for(@sync_name, @model).read(STATE)
        Holder.from(kept) if kept["session"] && kept["session"] == holding_session&.first
      end

      # @return [Holder, nil] the holder as PostgreSQL knows it
      def guess
        session, since = holding_session
        Holder.new("session #{session} of PostgreSQL", since) if session
      end

      # A failure ends the session, which is as good, and may come after something that counts more. So does an
      # interrupt that came while it was taken, after which nobody knows whether we have it.
      def release
        return if @in_transaction || @connection.nil? || @session == false
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

      # Ends the session, and the lock with it, if it is not certain what came of a statement.
      def guarded(&work)
        return work.call if @in_transaction

        begin
          answer = Thread.handle_interrupt(Object => :on_blocking, &work)
        ensure
          Database::Standing.discard(@connection) if answer.nil?
        end
      end

      # Never from the query cache.
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

      # The condition that a row of pg_locks, called l, is this lock.
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
