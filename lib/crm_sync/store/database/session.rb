# frozen_string_literal: true

require_relative "limits"

module CrmSync
  module Database
    # Changes settings of PostgreSQL for a while, so that nothing is left of them. In a transaction of the host's, they
    # are set for the transaction. While the session has the lock of a run, and so belongs to this process, they are set
    # for the session, and restored. Otherwise they are set for each transaction ({Limits}).
    class Session
      # Settings that end a session while it waits for another service. 0 means never.
      IDLE = %w[idle_session_timeout idle_in_transaction_session_timeout].freeze
      LOCK = "lock_timeout"
      # Whether costly queries are compiled: for the gem's queries, which look at few columns of many rows, that takes
      # longer than it saves.
      JIT = "jit"
      # The costs that PostgreSQL assumes for reading a page at random, as by an index, and in sequence.
      RANDOM = "random_page_cost"
      IN_TURN = "seq_page_cost"
      # Whether the planner may read whole tables although an index would serve.
      SCANS = "enable_seqscan"
      private_constant :IDLE, :LOCK, :JIT, :RANDOM, :IN_TURN, :SCANS

      def initialize(connection)
        @connection = connection
      end

      # Runs the block while no statement waits for a lock for longer than +lock_wait+, no queries are compiled, and the
      # session is not ended for being idle. A shorter limit of the host's own stays. Where the settings are set for
      # each transaction, they do not hold outside of transactions: see {#limited}.
      #
      # @param lock_wait [Float] seconds
      # @return [Object] the result of the block
      def patient(lock_wait, &)
        return lasting(lock_wait, &) if @connection.transaction_open? || Lock.keeps?(@connection)

        Limits.new(@connection, milliseconds(lock_wait)).during(&)
      end

      # Runs a block that reads, within {#patient}: in a transaction if the settings are set for each.
      # @return [Object] the result of the block
      def limited(&)
        limits && !@connection.transaction_open? ? Database.transaction(@connection, &) : yield
      end

      # @param seconds [Float] the time that a statement may wait for a lock from now on
      def lock_wait=(seconds)
        within = @connection.transaction_open?
        if limits && !within
          limits.lock_wait = milliseconds(seconds)
        else
          set({ LOCK => milliseconds(seconds) }, within)
        end
      end

      # Runs a block within a transaction whose query looks up rows that were read a moment ago, as by a lock.
      # PostgreSQL assumes that they come from a disk, and prefers to read a whole table.
      #
      # @return [Object] the result of the block
      def in_memory(&)
        before, in_turn = settings(RANDOM, IN_TURN)
        with(RANDOM, in_turn, before, &)
      end

      # Runs a block within a transaction whose queries read a whole table only if no index serves them, however small
      # the table is.
      #
      # @return [Object] the result of the block
      def with_indexes(&)
        with(SCANS, "off", *settings(SCANS), &)
      end

      private

      def settings(*names)
        values = names.map { |name| "current_setting(#{@connection.quote(name)})" }
        @connection.uncached { @connection.select_rows("SELECT #{values.join(", ")}", "SCHEMA") }.first
      end

      # Runs a block with a setting. An error rolls the transaction back, and the setting with it.
      def with(name, value, before)
        set({ name => value }, true)
        yield.tap { set({ name => before }, true) }
      end

      def limits = Limits.of(@connection)

      # Sets the settings for the session, or in the host's transaction for that, and restores them after the block.
      def lasting(lock_wait)
        process = Process.pid
        local = @connection.transaction_open?
        before = current
        usual = { **IDLE.index_with("0"), JIT => "off" }
        wanted = usual.merge(LOCK => shorter(before[LOCK], lock_wait)).slice(*before.keys)
        set(wanted, local) unless wanted == before
        yield
      ensure
        restore(before, local) if before && process == Process.pid # a forked child has no connection of its own yet
      end

      # Returns the settings as texts, times in milliseconds. Older servers do not have all of them.
      def current
        names = [*IDLE, LOCK, JIT].map { |name| @connection.quote(name) }.join(", ")
        rows = "SELECT name, setting FROM pg_settings WHERE name IN (#{names})"
        @connection.uncached { @connection.select_rows(rows, "SCHEMA") }.to_h
      end

      def shorter(own, seconds)
        own.to_i.positive? ? [own.to_i, milliseconds(seconds).to_i].min.to_s : milliseconds(seconds)
      end

      # Returns 1 at least, because 0 means no limit.
      def milliseconds(seconds)
        [(seconds * 1_000).round, 1].max.to_s
      end

      # Restores the settings. A session that is gone has lost its settings, and a transaction that has failed restores
      # them itself.
      def restore(before, local)
        set(before, local)
      rescue ActiveRecord::ActiveRecordError
        nil
      end

      def set(settings, local)
        calls = settings.map do |name, value|
          "set_config(#{@connection.quote(name)}, #{@connection.quote(value)}, #{local})"
        end
        @connection.uncached { @connection.select_rows("SELECT #{calls.join(", ")}", "SCHEMA") }
      end
    end
    private_constant :Session
  end
end
