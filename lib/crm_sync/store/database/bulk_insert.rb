# frozen_string_literal: true

require_relative "../preemptible"

module CrmSync
  module Database
    # Inserts many rows by one statement, through the pg gem. The values of a column cross as one array, where
    # +insert_all!+ would quote each of them into the text of the statement; a value that all rows have crosses once.
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
        common, own = divided(rows)
        given = common.map { |name| cast(name, rows.first.fetch(name)) }
        given.concat(Preemptible.new(own).map { |name| array(name, rows) })
        @connection.exec_query(sql(common, own), UNLOGGED, given)
        # Rails does so by itself only for statements that it knows to write.
        @connection.clear_query_cache
      end

      private

      # Returns the names of columns in which all rows have the same object, and the others: at least one, which says
      # how many rows there are.
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

      # Gives texts without the length of their column: what is too long would be cut off silently.
      def type(name)
        column = @model.columns_hash.fetch(name.to_s)
        TEXTS.include?(column.type) ? "text" : column.sql_type
      end

      def array(name, rows)
        text = type(name) == "text"
        # Many rows have the same values, and even the same objects.
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
