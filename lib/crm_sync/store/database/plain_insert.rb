# frozen_string_literal: true

module CrmSync
  module Database
    # Inserts many rows by one statement with their values in its text, on any adapter. +insert_all!+ would do the same,
    # but Rails would log it.
    class PlainInsert
      # @param model [Class] the model of one of the gem's own tables
      def initialize(model)
        @model = model
        @connection = Database.connection(model)
      end

      # @param rows [Array<Hash{Symbol => Object}>] at least one, all with the same names
      # @return [void]
      def insert(rows)
        columns = rows.first.keys.map { |name| @connection.quote_column_name(name) }
        @connection.exec_query("INSERT INTO #{@model.quoted_table_name} (#{columns.join(", ")}) " \
                               "VALUES #{rows.map { |row| tuple(row) }.join(", ")}", UNLOGGED)
        # Clears the query cache: Rails does so only for statements that it recognizes as writes.
        @connection.clear_query_cache
      end

      private

      def tuple(row)
        values = row.map { |name, value| @connection.quote(@model.type_for_attribute(name.to_s).serialize(value)) }
        "(#{values.join(", ")})"
      end
    end
    private_constant :PlainInsert
  end
end
