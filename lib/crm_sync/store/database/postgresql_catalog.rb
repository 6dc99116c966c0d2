# frozen_string_literal: true

module CrmSync
  module Database
    # Asks PostgreSQL's catalog what exists, and what can be written there by anybody.
    # @api private
    module PostgreSQLCatalog
      # The schema that a database has from the start.
      USUAL = "public"
      # The number with which PostgreSQL 18 begins.
      VERSION18 = 180_000
      private_constant :USUAL, :VERSION18

      # @param model [Class]
      # @return [String] the database and the schema in which the model's table is found
      def place(model)
        [@connection.select_value("SELECT current_database()", "SCHEMA"), schema(model)].compact.join(", schema ")
      end

      # Returns the schema of the table itself, because tenants that have schemas of their own may share a model.
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

      # @param model [Class]
      # @return [Boolean] whether the model has a table, or a view
      def table?(model)
        @connection.uncached do
          @connection.select_value("SELECT to_regclass(#{@connection.quote(model.quoted_table_name)}) IS NOT NULL",
                                   "SCHEMA")
        end
      end

      # @param names [Array<String>] with or without a schema
      # @return [Array<String>] the names that are tables
      def tables(names)
        rows = names.map { |name| [name, @connection.quote_table_name(name)].map { |text| @connection.quote(text) } }
        @connection.select_values(<<~SQL, "SCHEMA")
          SELECT name FROM (VALUES #{rows.map { |row| "(#{row.join(", ")})" }.join(", ")}) AS names (name, quoted)
          JOIN pg_class ON pg_class.oid = to_regclass(quoted) WHERE relkind IN ('r', 'p')
        SQL
      end

      # @param model [Class]
      # @return [Boolean] whether nothing can be updated there, as in many views
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

      # @param model [Class]
      # @return [Array<String>] the columns to which a foreign key can refer: those of unique indexes on whole rows
      def key_columns(model)
        @connection.select_values(<<~SQL, "SCHEMA")
          SELECT DISTINCT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
          WHERE indrelid = #{table(model)} AND indisunique AND indpred IS NULL AND indexprs IS NULL
        SQL
      end

      # Returns the columns that cannot be written. PostgreSQL before 12 has no generated columns, and no entry for them
      # in its catalog.
      # @param model [Class]
      # @return [Array<String>] the columns whose values only the database sets; all columns of a view that cannot be
      #   updated
      def unwritable_columns(model)
        @connection.select_values(<<~SQL, "SCHEMA")
          SELECT attname FROM pg_attribute WHERE attrelid = #{table(model)} AND attnum > 0 AND NOT attisdropped
          AND (to_jsonb(pg_attribute)->>'attgenerated' <> '' OR to_jsonb(pg_attribute)->>'attidentity' = 'a'
            OR NOT pg_column_is_updatable(attrelid, attnum, TRUE))
        SQL
      end

      # @param model [Class]
      # @return [Array<String>] the columns that are computed whenever they are read, which PostgreSQL has since 18
      def virtual_columns(model)
        return [] unless since_18?

        @connection.select_values(<<~SQL, "SCHEMA")
          SELECT attname FROM pg_attribute WHERE attrelid = #{table(model)} AND attnum > 0 AND NOT attisdropped
          AND to_jsonb(pg_attribute)->>'attgenerated' = 'v'
        SQL
      end

      # @param model [Class]
      # @return [Array<String>] the columns that are NOT NULL and may have NULLs from before, because the constraint is
      #   NOT VALID, as it can be since PostgreSQL 18
      def unvalidated_columns(model)
        return [] unless since_18?

        @connection.select_values(<<~SQL, "SCHEMA")
          SELECT attname FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey)
          WHERE conrelid = #{table(model)} AND contype = 'n' AND NOT convalidated
        SQL
      end

      # @param model [Class]
      # @return [Boolean] whether the primary key is temporal (WITHOUT OVERLAPS), which PostgreSQL has since 18: several
      #   rows may have the same value in its other columns
      def temporal_key?(model)
        since_18? && @connection.select_value(<<~SQL, "SCHEMA")
          SELECT EXISTS (SELECT FROM pg_constraint WHERE conrelid = #{table(model)} AND contype = 'p'
                         AND to_jsonb(pg_constraint)->>'conperiod' = 'true')
        SQL
      end

      # @param name [Symbol, String] a column
      # @return [String] its name for an expression, quoted if it has to be
      def expression(name)
        @connection.select_value("SELECT quote_ident(#{@connection.quote(name.to_s)})", "SCHEMA")
      end

      private

      def since_18? = @connection.database_version >= VERSION18

      def table(model)
        "#{@connection.quote(model.quoted_table_name)}::regclass"
      end
    end
    private_constant :PostgreSQLCatalog
  end
end
