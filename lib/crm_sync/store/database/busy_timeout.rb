# frozen_string_literal: true

require_relative "driver"

module CrmSync
  module Database
    # Changes for a while for how long a statement in SQLite waits for a lock, and restores it.
    #
    # SQLite itself waits up to a limit, or asks a handler each time. Rails 8 has a handler that lets other threads run
    # meanwhile; its limit is the +timeout+ of config/database.yml, of which SQLite does not know. A handler of the
    # host's takes the place of a limit, and stays.
    class BusyTimeout
      # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter]
      def initialize(connection)
        @connection = connection
      end

      # Runs the block while no statement waits for a lock for longer than +lock_wait+. A shorter limit of the host's
      # own stays.
      #
      # @param lock_wait [Float] seconds
      # @return [Object] the result of the block
      def patient(lock_wait)
        own = limit
        self.limit = milliseconds(lock_wait) if own > lock_wait * 1_000
        yield
      ensure
        self.limit = own if own&.positive?
      end

      # @param seconds [Float] the time that a statement may wait for a lock from now on
      def lock_wait=(seconds)
        self.limit = milliseconds(seconds) if limit.positive?
      end

      private

      # Returns 1 at least, because 0 means that nothing waits.
      def milliseconds(seconds) = [(seconds * 1_000).round, 1].max

      # Returns the limit in milliseconds, or 0 where there is none.
      def limit
        known = @connection.select_value("PRAGMA busy_timeout").to_i
        @by_handler = known.zero?
        @by_handler ? limit_of_handler : known
      end

      def limit=(milliseconds)
        if @by_handler
          # A connection that is opened again has its own limit.
          Driver.raw(@connection).busy_handler_timeout = milliseconds unless Driver.of(@connection).closed?
        else
          @connection.execute("PRAGMA busy_timeout = #{milliseconds}")
        end
      end

      # Returns the limit of Rails' handler, or 0 where Rails has none.
      def limit_of_handler
        return 0 if ActiveRecord.version < Gem::Version.new("8.0.0.alpha")

        @connection.pool.db_config.configuration_hash[:timeout].to_i
      end
    end
    private_constant :BusyTimeout
  end
end
