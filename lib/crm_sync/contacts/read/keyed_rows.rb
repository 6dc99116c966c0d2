# frozen_string_literal: true

module CrmSync
  module Contacts
    # Reads rows of the model by their keys. The SQL is built once: for a few rows, building it takes longer than
    # running it in the database.
    class KeyedRows
      # The number of rows up to which a prepared statement is used: the database takes longer to parse the SQL than to
      # run it.
      FEW = 2
      # The placeholder of the keys in the SQL.
      KEYS = ":crm_sync_keys"
      private_constant :FEW, :KEYS

      # @param schema [CrmSync::Contacts::Schema]
      # @param selected [ActiveRecord::Relation] the rows of the model with the selected columns
      def initialize(schema, selected)
        @schema = schema
        @key = schema.model.primary_key
        @before, @after = selected.where("#{own(@key)} IN (#{KEYS})").to_sql.split(KEYS)
      end

      # @param keys [Array<Object>] at least one
      # @return [Array<Hash{String => Object}>] the rows that are there, as the database gives them
      def of(keys)
        connection = @schema.connection
        return few(keys, connection) if keys.size <= FEW && connection.prepared_statements

        list = keys.map { |key| connection.quote(@schema.serialize(@key, key)) }.join(", ")
        connection.select_all("#{@before}#{list}#{@after}", name).to_a
      end

      private

      def few(keys, connection)
        type = @schema.type(@key)
        values = keys.map { |key| ActiveRecord::Relation::QueryAttribute.new(@key, key, type) }
        connection.select_all(prepared(keys.size), name, values, preparable: true).to_a
      end

      def prepared(count)
        (@prepared ||= {})[count] ||= begin
          places = Array.new(count) { |place| @schema.postgresql? ? "$#{place + 1}" : "?" }
          "#{@before}#{places.join(", ")}#{@after}"
        end
      end

      def name = "#{@schema.model.name} Load"

      def own(name) = "#{@schema.model.quoted_table_name}.#{@schema.connection.quote_column_name(name)}"
    end
    private_constant :KeyedRows
  end
end
