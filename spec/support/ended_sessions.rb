# frozen_string_literal: true

require_relative "simulated"

# Ends our session of PostgreSQL as its timeouts, a pooler or an administrator would.
module EndedSessions
  include Simulated

  # Ends our session from another one, and does something there.
  def end_session
    session = value("SELECT pg_backend_pid()")
    elsewhere do |connection|
      connection.execute("SELECT pg_terminate_backend(#{session})")
      gone = "SELECT COUNT(*) FROM pg_stat_activity WHERE pid = #{session}"
      eventually { connection.uncached { connection.select_value(gone) }.zero? }
      yield connection if block_given?
    end
  end

  def elsewhere(&)
    Thread.new { ActiveRecord::Base.connection_pool.with_connection(&) }.value
  end

  def value(sql)
    ActiveRecord::Base.connection.uncached { ActiveRecord::Base.connection.select_value(sql) }
  end
end
