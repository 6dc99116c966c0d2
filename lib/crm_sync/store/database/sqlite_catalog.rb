# frozen_string_literal: true

module CrmSync
  module Database
    # Asks SQLite what exists, and what can be written.
    # @api private
    module SQLiteCatalog
      # @param names [Array<String>]
      # @return [Array<String>] the names that are tables
      def tables(names)
        listed = names.map { |name| @connection.quote(name) }.join(", ")
        @connection.select_values(<<~SQL, "SCHEMA")
          SELECT name FROM sqlite_master WHERE type = 'table' AND name IN (#{listed})
        SQL
      end

      # @return [Array] none, because SQLite has no rights
      def closed(_tables) = []

      # @param model [Class]
      # @return [Boolean] whether triggers run when its records are written
      def triggers?(model)
        named = "type = 'trigger' AND tbl_name = #{@connection.quote(model.table_name)} COLLATE NOCASE"
        @connection.select_value("SELECT COUNT(*) FROM sqlite_master WHERE #{named}", "SCHEMA").positive?
      end

      # @param model [Class]
      # @return [Boolean] whether it is a view without a trigger INSTEAD OF UPDATE
      def unwritable_table?(model)
        @connection.select_value("SELECT #{unwritable(model)}", "SCHEMA") == 1
      end

      # @param model [Class]
      # @return [Array<String>] the columns whose values only the database sets; all columns of a view that cannot be
      #   updated
      def unwritable_columns(model)
        table = @connection.quote(model.table_name)
        @connection.select_values(<<~SQL, "SCHEMA")
          SELECT name FROM pragma_table_xinfo(#{table}) WHERE hidden IN (2, 3) OR #{unwritable(model)}
        SQL
      end

      # @param query [String] a query with one table
      # @return [Boolean] whether the query reads the whole table for lack of an index
      def reads_all?(query)
        @connection.select_rows("EXPLAIN QUERY PLAN #{query}", "SCHEMA").any? { |row| row.last.start_with?("SCAN") }
      end

      private

      def unwritable(model)
        name = @connection.quote(model.table_name)
        <<~SQL
          (EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'view' AND name = #{name}) AND NOT EXISTS (
            SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = #{name} AND sql LIKE '%INSTEAD OF UPDATE%'))
        SQL
      end
    end
    private_constant :SQLiteCatalog
  end
end
