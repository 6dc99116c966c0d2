# frozen_string_literal: true

module CrmSync
  module Database
    # Changes settings of a PostgreSQL session for a while, and restores them. In a transaction of the host's, they are
    # set for the transaction.
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

      # Runs the block in a session that is not ended for being idle, that compiles no queries, and in which no
      # statement waits for a lock for longer than +lock_wait+. A shorter limit of the host's own stays.
      #
      # @param lock_wait [Float] seconds
      # @return [Object] the result of the block
      def patient(lock_wait)
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

      # @param seconds [Float] the time that a statement may wait for a lock from now on
      def lock_wait=(seconds)
        set({ LOCK => milliseconds(seconds) }, @connection.transaction_open?)
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
