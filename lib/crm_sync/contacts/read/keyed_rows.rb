# frozen_string_literal: true

module CrmSync
  module Contacts
    # Reads rows of the model by their keys. The SQL is built once: for a single row, building it takes longer than
    # running it in the database.
    class KeyedRows
      # The place of the keys in the SQL.
      KEYS = ":crm_sync_keys"
      private_constant :KEYS

      # @param schema [CrmSync::Contacts::Schema]
      # @param selected [ActiveRecord::Relation] the selected columns of the model's rows
      def initialize(schema, selected)
        @schema = schema
        @key = schema.model.primary_key
        @before, @after = selected.where("#{own(@key)} IN (#{KEYS})").to_sql.split(KEYS)
      end

      # @param keys [Array<Object>] at least one
      # @return [Array<Hash{String => Object}>] the rows that are there, as the database gives them
      def of(keys)
        connection = @schema.connection
        return one(keys.first, connection) if keys.one? && connection.prepared_statements

        list = keys.map { |key| connection.quote(@schema.serialize(@key, key)) }.join(", ")
        connection.select_all("#{@before}#{list}#{@after}", name).to_a
      end

      private

      # Asks by a prepared statement: for a single row, the database takes longer over reading the SQL than over running
      # it.
      def one(key, connection)
        @one ||= "#{@before}#{@schema.postgresql? ? "$1" : "?"}#{@after}"
        value = ActiveRecord::Relation::QueryAttribute.new(@key, key, @schema.type(@key))
        connection.select_all(@one, name, [value], preparable: true).to_a
      end

      def name = "#{@schema.model.name} Load"

      def own(name) = "#{@schema.model.quoted_table_name}.#{@schema.connection.quote_column_name(name)}"
    end
    private_constant :KeyedRows
  end
end
