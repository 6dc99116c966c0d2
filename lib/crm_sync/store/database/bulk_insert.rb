# frozen_string_literal: true

require_relative "../preemptible"

module CrmSync
  module Database
    # Inserts many rows by one statement, through the pg gem. The values of a column are sent as one array, where
    # {PlainInsert} quotes each of them into the text of the statement. A value that all rows have is sent once.
    class BulkInsert
      TEXTS = %i[string text].freeze
      private_constant :TEXTS

      # @param model [Class] the model of one of the gem's own tables
      def initialize(model)
        @model = model
        @connection = Database.connection(model)
      end

      # @param rows [Array<Hash{Symbol => Object}>] at least one, all with the same names
      # @return [void]
      def insert(rows)
        common, own = divided(rows)
        given = common.map { |name| cast(name, rows.first.fetch(name)) }
        given.concat(Preemptible.new(own).map { |name| array(name, rows) })
        @connection.exec_query(sql(common, own), UNLOGGED, given)
        # Clears the query cache: Rails does so only for statements that it recognizes as writes.
        @connection.clear_query_cache
      end

      private

      # Returns the names of the columns in which all rows have the same object, and the names of the others. At least
      # one name is among the others, because its array tells how many rows there are.
      def divided(rows)
        common, own = rows.first.keys.partition { |name| rows.all? { |row| row.fetch(name).equal?(rows.first[name]) } }
        own.empty? ? [common.drop(1), common.first(1)] : [common, own]
      end

      def sql(common, own)
        columns = [*common, *own].map { |name| @connection.quote_column_name(name) }.join(", ")
        given = [*common.map { |name| type(name) }, *own.map { |name| "#{type(name)}[]" }]
        given = given.map.with_index(1) { |type, place| "$#{place}::#{type}" }
        arrays = given.pop(own.size).join(", ")
        "INSERT INTO #{@model.quoted_table_name} (#{columns}) " \
          "SELECT #{[*given, "crm_sync_rows.*"].join(", ")} FROM unnest(#{arrays}) crm_sync_rows"
      end

      # Returns the type of a column's values. Texts are given without the length of their column, because a text that
      # is too long would be cut off silently.
      def type(name)
        column = @model.columns_hash.fetch(name.to_s)
        TEXTS.include?(column.type) ? "text" : column.sql_type
      end

      def array(name, rows)
        text = type(name) == "text"
        # Casts each object once: many rows have the same values, and even the same objects.
        known = {}.compare_by_identity
        values = rows.map do |row|
          value = row.fetch(name)
          next value if text && value.instance_of?(String) # which would be cast to itself

          known.fetch(value) { known[value] = cast(name, value) }
        end
        ::PG::TextEncoder::Array.new.encode(values, Encoding::UTF_8)
      end

      def cast(name, value) = @connection.type_cast(@model.type_for_attribute(name.to_s).serialize(value))
    end
    private_constant :BulkInsert
  end
end
