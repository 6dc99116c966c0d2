# frozen_string_literal: true

module CrmSync
  module Contacts
    # Finds the columns that are compared with Salesforce as they are in the database, and hold something else there
    # than the text that the model shows: an encrypted text, a list, a number.
    class TextCheck
      ID = "0034C000Va00001QAZ"
      ADDRESS = "a@b.edu"
      # A text from the database and the value that it stands for, for each type of key.
      KEYS = {
        integer: ["7", 7], uuid: Array.new(2, "0b4c1f6e-7d0f-4c4e-9c53-0a3c5a5d6f11"), string: %w[a7 a7],
        text: %w[a7 a7], citext: %w[a7 a7]
      }.freeze
      private_constant :ID, :ADDRESS, :KEYS

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @declaration = schema.declaration
      end

      # @return [Array<Array(String, String)>] for each problem the line of the declaration, and a text with the mend
      def problems
        [[@declaration.line_of(:model_name), key], [@declaration.line_of(:foreign_key), foreign_key],
         [@declaration.line_of(:address_column), address]].select(&:last)
      end

      private

      def key
        model = @schema.model
        column = model.columns_hash[model.primary_key] or return
        written, value = KEYS[column.type]
        type = model.type_for_attribute(column.name)
        return if written.nil? || (type.deserialize(written) == value && type.serialize(value) == value)

        "#{model.table_name}.#{column.name} is read as it is in the database, where it is not what the model shows; " \
          "name a model with a plain key"
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
        text?(model, column, ID) && (column.limit.nil? || column.limit >= ID.length)
      end

      def address
        model = @schema.address_model
        column = model.columns_hash[@declaration.address_column.to_s] or return
        return if text?(model, column, ADDRESS)

        name = "#{model.table_name}.#{column.name}"
        "#{name} is matched as it is in the database, where it is #{state(model, column)}; " \
          "name a column that holds one address as text"
      rescue MappingError
        nil # There is no such association, which is told elsewhere.
      end

      def state(model, column)
        encrypted?(model, column) ? "encrypted" : "not the text that the model shows (#{column.sql_type})"
      end

      def text?(model, column, text)
        plain = [:string, :text, :citext, nil].include?(column.type) && !column.try(:array)
        return false if !plain || encrypted?(model, column)

        type = model.type_for_attribute(column.name)
        type.serialize(text).eql?(text) && type.deserialize(text).eql?(text)
      end

      # Returns whether Rails encrypts the attribute: it does so by a type of its own, and names the attributes.
      def encrypted?(model, column)
        model.try(:encrypted_attributes).to_a.map(&:to_s).include?(column.name)
      end
    end
    private_constant :TextCheck
  end
end
