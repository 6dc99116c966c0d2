# frozen_string_literal: true

require_relative "../preemptible"

module CrmSync
  module Database
    # Inserts many rows by one statement, through the pg gem. The values of a column cross as one array, where
    # +insert_all!+ would quote each of them into the text of the statement.
    class BulkInsert
      TEXTS = %i[string text].freeze
      # The name of statements that Rails does not log. Rows may hold people's addresses.
      UNLOGGED = "SCHEMA"
      private_constant :TEXTS, :UNLOGGED

      # @param model [Class] of one of our own tables
      def initialize(model)
        @model = model
        @connection = model.connection
      end

      # @param rows [Array<Hash{Symbol => Object}>] at least one, all with the same names
      # @return [void]
      def insert(rows)
        names = rows.first.keys
        columns = names.map { |name| @connection.quote_column_name(name) }.join(", ")
        arrays = names.map.with_index(1) { |name, place| "$#{place}::#{type(name)}[]" }.join(", ")
        sql = "INSERT INTO #{@model.quoted_table_name} (#{columns}) SELECT * FROM unnest(#{arrays})"
        @connection.exec_query(sql, UNLOGGED, Preemptible.new(names).map { |name| array(name, rows) })
        # Rails does so by itself only for statements that it knows to write.
        @connection.clear_query_cache
      end

      private

      # Gives texts without the length of their column: what is too long would be cut off silently.
      def type(name)
        column = @model.columns_hash.fetch(name.to_s)
        TEXTS.include?(column.type) ? "text" : column.sql_type
      end

      def array(name, rows)
        type = @model.type_for_attribute(name.to_s)
        text = type(name) == "text"
        # Most rows have the same sync, run and time, and are even the same objects.
        cast = {}.compare_by_identity
        values = rows.map do |row|
          value = row.fetch(name)
          next value if text && value.instance_of?(String) # which would be cast to itself

          cast.fetch(value) { cast[value] = @connection.type_cast(type.serialize(value)) }
        end
        ::PG::TextEncoder::Array.new.encode(values, Encoding::UTF_8)
      end
    end
    private_constant :BulkInsert
  end
end
