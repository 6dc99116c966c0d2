# frozen_string_literal: true

module CrmSync
  module Database
    # Asks SQLite what exists, and what can be written.
    # @api private
    module SQLiteCatalog
      # @param model [Class]
      # @return [Boolean] whether the model has a table, or a view, also in an attached database
      def table?(model)
        name = model.table_name.split(".", 2).reverse.map { |part| @connection.quote(part) }.join(", ")
        @connection.uncached do
          @connection.select_value("SELECT COUNT(*) FROM pragma_table_info(#{name})", "SCHEMA").positive?
        end
      end

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

      # @return [String, nil] (see PostgreSQLRights#read_only)
      def read_only
        asked = @connection.uncached { @connection.select_value("PRAGMA query_only", "SCHEMA") } == 1
        if asked || Driver.raw(@connection).readonly?
          "the connection is read-only; take readonly: out of config/database.yml, or PRAGMA query_only back"
        elsif (path = unwritable_path)
          "this process may not write #{path}, where SQLite keeps the database and its journal; give it the permission"
        end
      end

      # @return [Array] none, because SQLite has no rights
      def unchangeable(_model, _columns) = []

      # @return [Array] none, because SQLite has no rights
      def lacking_rights(_model) = []

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

      # (see SQLiteSearch#indexed?)
      def indexed?(search) = SQLiteSearch.new(@connection, search).indexed?

      # @param name [Symbol, String] a column
      # @return [String] its name for an expression, quoted if it has to be
      def expression(name)
        quoted = @connection.quote_column_name(name)
        return quoted unless name.match?(/\A[a-z_]\w*\z/i)

        found = @connection.select_value("SELECT #{name} FROM (SELECT 'found' AS #{quoted})", "SCHEMA")
        found == "found" ? name.to_s : quoted
      rescue ActiveRecord::StatementInvalid # It is a keyword.
        quoted
      end

      private

      # Returns the database's file or its folder, if this process may not write it.
      def unwritable_path
        path = file or return
        [path, File.dirname(path)].find { |place| !File.writable?(place) }
      end

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
