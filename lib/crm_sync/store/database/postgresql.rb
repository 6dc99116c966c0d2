# frozen_string_literal: true

require "digest"
require_relative "../lock/postgresql"
require_relative "bulk_insert"
require_relative "copy"
require_relative "postgresql_texts"
require_relative "session"

module CrmSync
  module Database
    # PostgreSQL through the pg gem.
    class PostgreSQL
      # Rows that cross at a time: few enough that a page takes milliseconds, many enough that there are few pages.
      PAGE = 5_000
      # The schema that a database has from the start.
      USUAL = "public"
      private_constant :PAGE, :USUAL

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

      # @param model [Class]
      # @return [String] the database and the schema in which the model's table is found
      def place(model)
        [@connection.select_value("SELECT current_database()", "SCHEMA"), schema(model)].compact.join(", schema ")
      end

      # The table's own, because a model may be the same for all tenants that have schemas of their own.
      # @param model [Class]
      # @return [String, nil] the schema in which the model's table is found, unless it is the usual one
      def schema(model)
        table = @connection.quote(model.quoted_table_name)
        found = @connection.uncached { @connection.select_value(<<~SQL, "SCHEMA") }
          SELECT COALESCE((SELECT nspname FROM pg_namespace JOIN pg_class ON relnamespace = pg_namespace.oid
                           WHERE pg_class.oid = to_regclass(#{table})), current_schema())
        SQL
        found unless found == USUAL
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
        Database.transaction(@connection) do
          @connection.exec_query("DECLARE crm_sync_users NO SCROLL CURSOR FOR #{sql}", "SQL", parameters(given))
          fetch(Driver.raw(@connection), &)
          @connection.execute("CLOSE crm_sync_users")
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

      # @param model [Class]
      # @return [Boolean] whether nothing can be updated there, as in many a view
      def unwritable_table?(model)
        update = 4 # the bit of UPDATE
        (@connection.select_value("SELECT pg_relation_is_updatable(#{table(model)}, TRUE)", "SCHEMA") & update).zero?
      end

      # @param model [Class]
      # @return [Boolean] whether triggers run when its records are written
      def triggers?(model)
        @connection.select_value(<<~SQL, "SCHEMA")
          SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = #{table(model)} AND NOT tgisinternal)
        SQL
      end

      # PostgreSQL before 12 has no generated columns, and nothing of them in its catalog.
      #
      # @param model [Class]
      # @return [Array<String>] the columns whose values only the database gives
      def unwritable_columns(model)
        @connection.select_values(<<~SQL, "SCHEMA")
          SELECT attname FROM pg_attribute WHERE attrelid = #{table(model)} AND attnum > 0 AND NOT attisdropped
          AND (to_jsonb(pg_attribute)->>'attgenerated' <> '' OR to_jsonb(pg_attribute)->>'attidentity' = 'a'
            OR NOT pg_column_is_updatable(attrelid, attnum, TRUE))
        SQL
      end

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

      def table(model)
        "#{@connection.quote(model.quoted_table_name)}::regclass"
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
