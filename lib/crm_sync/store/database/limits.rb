# frozen_string_literal: true

module CrmSync
  module Database
    # The settings of {Session#patient} where the session may not be this process's own: they are set for each
    # transaction that begins on the connection meanwhile, and end with it. PgBouncer in transaction mode gives a
    # session to somebody else after each transaction, together with the settings that were made for the session.
    class Limits
      # The key under which a thread has the limits of its connections.
      THREAD = :crm_sync_limits
      # The settings besides +lock_timeout+, with their values and the first version of PostgreSQL that has them.
      USUAL = { "idle_in_transaction_session_timeout" => ["0", 90_600], "jit" => ["off", 110_000] }.freeze
      private_constant :THREAD, :USUAL

      # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter]
      # @return [Limits, nil] the limits that the current thread has for the connection
      def self.of(connection) = Thread.current[THREAD]&.fetch(connection, nil)

      # @return [String] milliseconds that a statement of the next transactions may wait for a lock
      attr_writer :lock_wait

      # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter] a connection without a transaction
      # @param lock_wait [String] (see #lock_wait=)
      def initialize(connection, lock_wait)
        @connection = connection
        @lock_wait = lock_wait
      end

      # Runs the block, whose transactions have these limits.
      # @return [Object] the result of the block
      def during
        before = Thread.current[THREAD]
        Thread.current[THREAD] = { **before.to_h, @connection => self }
        yield
      ensure
        Thread.current[THREAD] = before
      end

      # Sets the limits in a transaction that has just begun. A shorter limit of the host's own stays.
      # @return [void]
      def set
        own = "current_setting('lock_timeout')"
        usual = USUAL.select { |_, (_, version)| @connection.database_version >= version }
        calls = usual.map { |name, (value, _)| "set_config('#{name}', '#{value}', true)" }
        shorter = "#{own}::interval BETWEEN '1 ms' AND '#{@lock_wait} ms'"
        calls << "set_config('lock_timeout', CASE WHEN #{shorter} THEN #{own} ELSE '#{@lock_wait}' END, true)"
        @connection.uncached { @connection.select_rows("SELECT #{calls.join(", ")}", "SCHEMA") }
      end
    end
    private_constant :Limits
  end
end
