# frozen_string_literal: true

require "digest"
require_relative "../lock/postgresql"
require_relative "bulk_insert"
require_relative "copy"
require_relative "plain_insert"
require_relative "postgresql_catalog"
require_relative "postgresql_rights"
require_relative "postgresql_search"
require_relative "postgresql_texts"
require_relative "session"

module CrmSync
  module Database
    # PostgreSQL through the pg gem.
    class PostgreSQL
      include PostgreSQLCatalog
      include PostgreSQLRights

      # The number of rows that are fetched at a time: few enough that a page takes milliseconds, many enough that there
      # are few pages.
      PAGE = 5_000
      private_constant :PAGE

      def initialize(connection)
        @connection = connection
      end

      # (see Session#patient)
      def patient(lock_wait, &)
        Session.new(@connection).patient(lock_wait, &)
      end

      # (see Session#limited)
      def limited(&)
        Session.new(@connection).limited(&)
      end

      # (see Session#in_memory)
      def in_memory(&)
        Session.new(@connection).in_memory(&)
      end

      # (see Session#lock_wait=)
      def lock_wait=(seconds)
        Session.new(@connection).lock_wait = seconds
      end

      # Returns the isolation of the transactions that write. Their second looks must see what others have committed
      # while a lock was waited for, whatever the default isolation of the database is.
      # @return [Symbol] as Rails names it
      def isolation = :read_committed

      # @return [String, nil] the isolation of the open transaction if its queries do not read what others have
      #   committed since it began
      def strict_isolation
        level = @connection.uncached { @connection.select_value("SHOW transaction_isolation", "SCHEMA") }
        level unless level.start_with?("read ")
      end

      # Finds out once whether a pooler gives each transaction another session: who waits for a lock tries to acquire it
      # many times.
      # @return [Boolean] (see Pooler#shares_sessions?)
      def shares_sessions?
        Database.once([:shared_sessions, @connection]) { Pooler.new(@connection).shares_sessions? }
      end

      # @param sync_name [String]
      # @param model [Class]
      # @return [Lock::PostgreSQL] the lock that lets only one run of the sync in
      def lock(sync_name, model, _file)
        Lock::PostgreSQL.new(sync_name, model)
      end

      # Returns what distinguishes the transaction from others.
      # @return [Array(Integer, Object, String)] the session, a value of the transaction's own, and the schemas
      def mark
        sql = "SELECT pg_backend_pid(), now()::text, current_schemas(false)::text"
        @connection.uncached { @connection.select_rows(sql, "SCHEMA") }.first
      end

      alias mark_again mark

      # Locks a name until the transaction ends, against everybody who locks it or a name within it.
      # @param name [String]
      # @return [void]
      def lock_name(name)
        @connection.execute("SELECT pg_advisory_xact_lock(#{number(name)})", "SCHEMA")
      end

      # Locks names until the transaction ends, one after the other.
      # @param names [Array<String>] in the order in which everybody locks them
      # @param within [String] a name that nobody else may lock by {#lock_name} meanwhile
      # @return [void]
      def lock_names(names, within:)
        numbers = names.map { |name| "(#{number(name)})" }
        @connection.execute("SELECT pg_advisory_xact_lock_shared(#{number(within)})", "SCHEMA")
        @connection.execute("SELECT pg_advisory_xact_lock(number) FROM (VALUES #{numbers.join(", ")}) names (number)",
                            "SCHEMA")
      end

      # Returns SQL for a text with its length in front: in bytes where texts arrive as they are stored, which need not
      # be UTF-8 in a database without an encoding; elsewhere in characters.
      def pack(sql)
        length = as_they_are? ? "OCTET_LENGTH(#{sql}::text) || ';'" : "CHAR_LENGTH(#{sql}::text) || ':'"
        "COALESCE(#{length} || #{sql}::text, '~')"
      end

      # Returns SQL for a value whose text has no comma.
      def pack_plain(sql)
        "COALESCE(#{sql}::text || ',', '~')"
      end

      # Reads the only column of a query through a cursor.
      #
      # A page is fetched by one blocking call that releases the GVL once. The usual call releases the GVL and takes it
      # back for every piece that arrives, and each time costs 0.1 s while another Ruby thread is busy. The blocking
      # call also ends before an interrupt is handled, so that an interrupted read leaves the connection usable.
      #
      # @param sql [String]
      # @param given [Array<String>] JSON arrays of texts for {PostgreSQLTexts#given}; Rails logs their sizes and not
      #   their contents, as it does for all binary values
      # @yieldparam rows [Array<String>]
      def stream(sql, given = [], &)
        within = @connection.transaction_open?
        Database.transaction(@connection) do
          @connection.exec_query("DECLARE crm_sync_users NO SCROLL CURSOR FOR #{sql}", "SQL", parameters(given))
          fetch(Driver.raw(@connection), &)
          @connection.execute("CLOSE crm_sync_users") if within # otherwise the end of the transaction closes it
        end
      end

      # @return [PostgreSQLTexts] builds SQL that tells texts apart
      def texts = @texts ||= PostgreSQLTexts.new(@connection)

      # (see PostgreSQLSearch#indexed?)
      def indexed?(search) = PostgreSQLSearch.new(@connection, search).indexed?

      # Inserts rows into one of the gem's own tables.
      #
      # @param model [Class]
      # @param rows [Array<Hash{Symbol => Object}>] at least one, all with the same names
      # @return [void]
      def insert(model, rows)
        (Driver.pg?(@connection) ? BulkInsert : PlainInsert).new(model).insert(rows)
      end

      # @return [Copy, nil] fills tables; nil if the driver cannot
      def copy = Copy.through(@connection)

      private

      def number(name)
        Digest::SHA256.digest(name).unpack1("q>")
      end

      def as_they_are?
        %w[UTF8 SQL_ASCII].include?(texts.encoding)
      end

      def parameters(given)
        given.map { |json| ActiveRecord::Relation::QueryAttribute.new("given", json, ActiveModel::Type::Binary.new) }
      end

      def fetch(raw)
        loop do
          result = raw.sync_exec("FETCH FORWARD #{PAGE} FROM crm_sync_users")
          rows = result.column_values(0)
          result.clear
          yield rows if rows.any?
          break if rows.size < PAGE
        end
      end
    end
  end
end
