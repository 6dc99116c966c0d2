# frozen_string_literal: true

require "digest"
require_relative "../lock/postgresql"
require_relative "bulk_insert"
require_relative "copy"
require_relative "postgresql_catalog"
require_relative "postgresql_texts"
require_relative "session"

module CrmSync
  module Database
    # PostgreSQL through the pg gem.
    class PostgreSQL
      include PostgreSQLCatalog

      # Rows that cross at a time: few enough that a page takes milliseconds, many enough that there are few pages.
      PAGE = 5_000
      private_constant :PAGE

      def initialize(connection)
        @connection = connection
      end

      # (see Session#patient)
      def patient(lock_wait, &)
        Session.new(@connection).patient(lock_wait, &)
      end

      # (see Session#in_memory)
      def in_memory(&)
        Session.new(@connection).in_memory(&)
      end

      # (see Session#lock_wait=)
      def lock_wait=(seconds)
        Session.new(@connection).lock_wait = seconds
      end

      # @param sync_name [String]
      # @param model [Class]
      # @return [Lock::PostgreSQL] the lock that lets one run of the sync in
      def lock(sync_name, model, _file)
        Lock::PostgreSQL.new(sync_name, model)
      end

      # Marks the transaction by what another one has not in common with it.
      # @return [Array(Integer, Object, String)] the session, what is the transaction's own, and the schemas
      def mark
        sql = "SELECT pg_backend_pid(), now()::text, current_schemas(false)::text"
        @connection.uncached { @connection.select_rows(sql, "SCHEMA") }.first
      end

      alias mark_again mark

      # Locks a name until the transaction ends, against all who lock it or names within it.
      # @param name [String]
      # @return [void]
      def lock_name(name)
        @connection.execute("SELECT pg_advisory_xact_lock(#{number(name)})", "SCHEMA")
      end

      # Locks names until the transaction ends, one after the other.
      # @param names [Array<String>] in the order in which everybody locks them
      # @param within [String] a name that nobody else may lock meanwhile
      # @return [void]
      def lock_names(names, within:)
        numbers = names.map { |name| "(#{number(name)})" }
        @connection.execute("SELECT pg_advisory_xact_lock_shared(#{number(within)})", "SCHEMA")
        @connection.execute("SELECT pg_advisory_xact_lock(number) FROM (VALUES #{numbers.join(", ")}) names (number)",
                            "SCHEMA")
      end

      # SQL for a text with its length in front: in bytes where they come as they are, which need not be UTF-8 in a
      # database without an encoding.
      def pack(sql)
        length = as_they_are? ? "OCTET_LENGTH(#{sql}::text) || ';'" : "CHAR_LENGTH(#{sql}::text) || ':'"
        "COALESCE(#{length} || #{sql}::text, '~')"
      end

      # SQL for a value whose text has no comma.
      def pack_plain(sql)
        "COALESCE(#{sql}::text || ',', '~')"
      end

      # Reads a statement's only column through a cursor.
      #
      # A page is fetched by one blocking call with the GVL released once. The usual call takes and gives the GVL for
      # every piece that arrives, and beside a busy Ruby thread each time costs 0.1 s. It also ends before an interrupt
      # is acted on, so that an interrupted read leaves the connection usable.
      #
      # @param sql [String]
      # @param given [Array<String>] JSON arrays of texts for {PostgreSQLTexts#given}. Rails logs their sizes and not
      #   what they hold, as it does for anything binary
      # @yieldparam rows [Array<String>]
      def stream(sql, given = [], &)
        within = @connection.transaction_open?
        Database.transaction(@connection) do
          @connection.exec_query("DECLARE crm_sync_users NO SCROLL CURSOR FOR #{sql}", "SQL", parameters(given))
          fetch(Driver.raw(@connection), &)
          @connection.execute("CLOSE crm_sync_users") if within # the end of our own transaction closes it
        end
      end

      # @return [PostgreSQLTexts] SQL that tells texts apart
      def texts = @texts ||= PostgreSQLTexts.new(@connection)

      # Inserts rows into one of our own tables.
      #
      # @param model [Class]
      # @param rows [Array<Hash{Symbol => Object}>] at least one, all with the same names
      # @return [void]
      def insert(model, rows)
        Driver.pg?(@connection) ? BulkInsert.new(model).insert(rows) : model.insert_all!(rows)
      end

      # @return [Copy, nil] fills tables; nil where the driver cannot
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
