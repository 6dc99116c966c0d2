# frozen_string_literal: true

require "io/wait"
require_relative "driver"

module CrmSync
  module Database
    # Finds out whether a pooler between this process and PostgreSQL gives each transaction another session, as
    # PgBouncer does in transaction mode. It does not say so. But it gives each client a session number of its own in
    # the place of PostgreSQL's, and a second client gets sessions that the first one had.
    class Pooler
      # The number of looks, and of statements in each: two, because a pooler that hands out two sessions in turn would
      # otherwise give each client always the same.
      LOOKS = 3
      STATEMENTS = 2
      # Seconds to wait for the second client's connection and all of its answers: a pooler in session mode answers
      # nothing if all of its sessions are taken.
      WAIT = 2.0
      SESSION = "SELECT pg_backend_pid()"
      private_constant :LOOKS, :STATEMENTS, :WAIT, :SESSION

      # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter] a connection without a transaction
      def initialize(connection)
        @connection = connection
      end

      # @return [Integer, nil] the session of PostgreSQL that the driver knows, which is another one than that of a
      #   statement behind a pooler; nil if it cannot be told
      def session = (Driver.raw(@connection).backend_pid if Driver.pg?(@connection))

      # Opens a second connection, but only if there is a pooler.
      # @return [Boolean] whether statements outside of a transaction have sessions that others have in between; false
      #   if that cannot be told
      def shares_sessions?
        @connection.select_value(SESSION, "SCHEMA") != session && seen_by_others?
      end

      private

      def seen_by_others?
        @until = clock + WAIT
        other = PG::Connection.connect_start(**Driver.raw(@connection).conninfo_hash.compact)
        finish_connecting(other)
        own = []
        others = []
        LOOKS.times do
          STATEMENTS.times { own << @connection.select_value(SESSION, "SCHEMA") }
          STATEMENTS.times { others << answer(other) }
        end
        own.uniq.many? || others.uniq.many? || own.intersect?(others)
      rescue PG::Error
        false
      ensure
        other&.finish
      end

      # The usual way to connect also sets the encoding, and waits for that without a limit.
      def finish_connecting(other)
        until (state = other.connect_poll) == PG::PGRES_POLLING_OK
          raise PG::ConnectionBad, other.error_message if state == PG::PGRES_POLLING_FAILED

          wait = state == PG::PGRES_POLLING_READING ? :wait_readable : :wait_writable
          other.socket_io.public_send(wait, left) or raise PG::ConnectionBad, "no connection"
        end
      end

      def answer(other)
        other.send_query(SESSION)
        raise PG::ConnectionBad, "no answer" unless other.block(left)

        other.get_last_result.getvalue(0, 0).to_i
      end

      # Returns the seconds that are left to wait.
      def left = [@until - clock, 0.0].max

      def clock = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end
  end
end
