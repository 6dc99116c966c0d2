# frozen_string_literal: true

module CrmSync
  module Database
    # Asks PostgreSQL what the app's role may do, together with {PostgreSQLCatalog}.
    # @api private
    module PostgreSQLRights
      # The rights that the gem needs on its own tables.
      OWN = %w[SELECT INSERT UPDATE DELETE].freeze
      # The rights that the gem needs on rows with the ids of contacts, besides UPDATE.
      LINKS = ["INSERT", "DELETE", "USAGE of its sequence"].freeze
      private_constant :OWN, :LINKS

      # @param names [Array<String>] tables with a column +id+
      # @return [Array<String>] those that the role may not read and write
      def closed(names)
        names.reject do |name|
          table = @connection.quote(@connection.quote_table_name(name))
          rights = OWN.map { |right| "has_table_privilege(#{table}, '#{right}')" }
          numbers = "has_sequence_privilege(pg_get_serial_sequence(#{table}, 'id'), 'USAGE')"
          @connection.select_value("SELECT #{rights.join(" AND ")} AND COALESCE(#{numbers}, TRUE)", "SCHEMA")
        end
      end

      # @return [String, nil] the reason that nothing can be written through the connection, and what to do
      def read_only
        recovering, read_only = @connection.uncached do
          @connection.select_rows("SELECT pg_is_in_recovery(), current_setting('transaction_read_only')", "SCHEMA")
        end.first
        return "the database is a standby, which cannot be written; connect to the primary" if recovering

        "the session is read-only; set default_transaction_read_only to off for the app" if read_only == "on"
      end

      # @param model [Class]
      # @param columns [Array<String>]
      # @return [Array<String>] those that the role may not update
      def unchangeable(model, columns)
        return [] if columns.empty?

        listed = columns.map { |name| "(#{@connection.quote(name)})" }.join(", ")
        @connection.select_values(<<~SQL, "SCHEMA")
          SELECT name FROM (VALUES #{listed}) AS names (name)
          WHERE NOT has_column_privilege(#{table(model)}, name, 'UPDATE')
        SQL
      end

      # @param model [Class]
      # @return [Array<String>] the rights that the role lacks to create and delete rows
      def lacking_rights(model)
        table = table(model)
        key = @connection.quote(model.primary_key)
        @connection.select_rows(<<~SQL, "SCHEMA").first.then { |rights| LINKS.zip(rights).reject(&:last).map(&:first) }
          SELECT has_any_column_privilege(#{table}, 'INSERT'), has_table_privilege(#{table}, 'DELETE'),
            NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = #{table} AND attname = #{key}
              AND COALESCE(to_jsonb(pg_attribute)->>'attidentity', '') = ''
              AND NOT has_sequence_privilege(pg_get_serial_sequence(#{table}::text, #{key}), 'USAGE, UPDATE'))
        SQL
      end
    end
    private_constant :PostgreSQLRights
  end
end
