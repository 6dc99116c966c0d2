# frozen_string_literal: true

module CrmSync
  module Database
    # Asks SQLite how it would search: by the way that it prefers, and by each index, because it reads all of a table of
    # which it knows that it has few rows. Any text stands for the value, as a column is compared with values of any
    # type.
    class SQLiteSearch
      VALUE = "'0'"
      # Stands in a plan for each value of a column, for which an index on several columns is searched.
      ANY = "ANY("
      private_constant :VALUE, :ANY

      # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter]
      # @param search [Search]
      def initialize(connection, search)
        @connection = connection
        @search = search
      end

      # @return [Boolean] whether an index leads to the rows
      def indexed?
        column = @search.expression ? "<expr>" : @search.column.to_s
        sought = /\ASEARCH .*[( ]#{Regexp.escape(column)}=\?/i
        steps.any? { |step| step.match?(sought) && !step.include?(ANY) }
      end

      private

      def steps
        @search.queries(VALUE).flat_map { |query| plan(query) } + hints.flat_map { |hint| steps_by(hint) }
      end

      # Returns nothing for an index that SQLite cannot use.
      def steps_by(hint)
        @search.queries(VALUE, hint).flat_map do |query|
          plan(query)
        rescue ActiveRecord::StatementInvalid
          []
        end
      end

      def plan(query) = @connection.select_rows("EXPLAIN QUERY PLAN #{query}", "SCHEMA").map(&:last)

      def hints
        table = @connection.quote(@search.model.table_name)
        names = @connection.select_values("SELECT name FROM pragma_index_list(#{table})", "SCHEMA")
        names.map { |name| "INDEXED BY #{@connection.quote_column_name(name)}" }
      end
    end
    private_constant :SQLiteSearch
  end
end
