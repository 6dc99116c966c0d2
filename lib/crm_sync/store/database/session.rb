# frozen_string_literal: true

module CrmSync
  module Database
    # Settings of a PostgreSQL session, changed for a while and restored. In a transaction of the host's they are those
    # of the transaction.
    class Session
      # Settings that end a session that waits for another service. 0 is never.
      IDLE = %w[idle_session_timeout idle_in_transaction_session_timeout].freeze
      LOCK = "lock_timeout"
      # Whether costly statements are compiled: for ours that takes longer than it saves, as they look at few columns of
      # many rows.
      JIT = "jit"
      # What PostgreSQL assumes that a page costs that is read out of turn, as by an index, and one in turn.
      RANDOM = "random_page_cost"
      IN_TURN = "seq_page_cost"
      private_constant :IDLE, :LOCK, :JIT, :RANDOM, :IN_TURN

      def initialize(connection)
        @connection = connection
      end

      # Runs the block in a session that is not ended for being idle, that compiles no statements, and in which nothing
      # waits for a lock for longer than +lock_wait+. A shorter limit of the host's own stays.
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

      # Runs a block within a transaction whose statement looks up rows that were read a moment ago, as by a lock.
      # PostgreSQL assumes that they come from a disk, and rather reads a whole table.
      #
      # @return [Object] the result of the block
      def in_memory
        names = [RANDOM, IN_TURN].map { |name| "current_setting(#{@connection.quote(name)})" }
        before, in_turn = @connection.uncached { @connection.select_rows("SELECT #{names.join(", ")}", "SCHEMA") }.first
        set({ RANDOM => in_turn }, true)
        # What fails is rolled back, and the setting with it.
        yield.tap { set({ RANDOM => before }, true) }
      end

      private

      # Returns the settings as texts, times in milliseconds. Older servers do not have all of them.
      def current
        names = [*IDLE, LOCK, JIT].map { |name| @connection.quote(name) }.join(", ")
        rows = "SELECT name, setting FROM pg_settings WHERE name IN (#{names})"
        @connection.uncached { @connection.select_rows(rows, "SCHEMA") }.to_h
      end

      def shorter(own, seconds)
        own.to_i.positive? ? [own.to_i, milliseconds(seconds).to_i].min.to_s : milliseconds(seconds)
      end

      # 0 would be for ever.
      def milliseconds(seconds)
        [(seconds * 1_000).round, 1].max.to_s
      end

      # A session that is gone has taken its settings along, and a transaction that has failed puts them back itself.
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
