# frozen_string_literal: true

require_relative "plain_column"

module CrmSync
  module Contacts
    # Checks the model's primary key and the foreign key. Both are read without the model's types, so the database must
    # not hold something else than the model shows, such as an encrypted text, an array or a number. And the primary key
    # must lead to one row.
    class TextCheck
      ID = "0034C000Va00001QAZ"
      # For each type of primary key, a text as the database has it and the value that it stands for. The type nil is a
      # type that only the database knows. Texts of other types can have several spellings, or no value of the model.
      KEYS = {
        integer: ["7", 7], decimal: ["7", 7], uuid: Array.new(2, "0b4c1f6e-7d0f-4c4e-9c53-0a3c5a5d6f11"),
        date: ["2022-02-24", Date.new(2022, 2, 24)], string: %w[a7 a7], text: %w[a7 a7], citext: %w[a7 a7],
        enum: %w[a7 a7], nil => %w[a7 a7]
      }.freeze
      private_constant :ID, :KEYS

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @declaration = schema.declaration
      end

      # @return [Array<Array(String, String)>] for each problem, the line of the declaration and a text that says how to
      #   correct it
      def problems
        problems = { model_name: key || versions, foreign_key: }
        problems.compact.map { |part, problem| [@declaration.line_of(part), problem] }
      end

      private

      def key
        model = @schema.model
        column = model.columns_hash[model.primary_key] or return
        return if plain?(model.type_for_attribute(column.name), *KEYS[column.type])

        "#{model.table_name}.#{column.name} is read as it is in the database, where it is not what the model shows " \
          "(#{column.sql_type}); name a model with a plain key, such as an integer, a UUID or a text"
      end

      # Returns the problem that rows with the same key are versions of a record, all of which Rails would write.
      def versions
        model = @schema.model
        return if @schema.connection.schema_cache.primary_keys(model.table_name) == model.primary_key # as mostly
        return unless @schema.postgresql? && Database.for(@schema.connection).temporal_key?(model)

        "several rows of #{model.table_name} can have the same #{model.primary_key}, at different times (WITHOUT " \
          "OVERLAPS); name a model of a view that shows only one of them"
      end

      # Returns whether a text stands for a value of that very class: a decimal of 7 equals 7, and is spelled 7.00.
      def plain?(type, written = nil, value = nil)
        return false if written.nil?

        [type.deserialize(written), type.serialize(value)].all? { |one| one.instance_of?(value.class) && one == value }
      end

      def foreign_key
        model = @schema.link.model or return
        column = model.columns_hash[@schema.link.column.to_s] or return
        name = "#{model.table_name}.#{column.name}"
        return "#{name} cannot hold an id of Salesforce's; make it a string of 18 characters" unless id?(model, column)
        return if column.null || !@schema.link.emptied?

        "#{name} is NOT NULL, and nobody is linked without a contact; let it be NULL"
      end

      def id?(model, column)
        PlainColumn.new(model, column).text?(ID) && (column.limit.nil? || column.limit >= ID.length)
      end
    end
    private_constant :TextCheck
  end
end
