# frozen_string_literal: true

module CrmSync
  module Contacts
    # Which values a declaration can write.
    # @api private
    class DeclaredValues
      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @declaration = schema.declaration
        @allowed = {}
      end

      # @param column [Symbol] that the declaration writes
      # @param value [Object]
      def allow?(column, value)
        allowed = @allowed.fetch(column) { @allowed[column] = allowed(column) }
        allowed.nil? || allowed.include?(@schema.canonical(column, @schema.type(column).cast(value)))
      end

      private

      # Nothing where an attribute copies what Salesforce has.
      def allowed(column)
        attribute = @declaration.attributes.find { |known| known.column == column }
        return if attribute && !attribute.mapped?

        from_attribute = attribute ? attribute.values.map { |value| [value, attribute.line] } : []
        (from_attribute + from_sets(column)).map do |value, line|
          @schema.canonical(column, @schema.cast(column, value, line))
        end
      end

      def from_sets(column)
        @declaration.sets.select { |set| set.set.key?(column) }.map { |set| [set.set[column], set.line] }
      end
    end
  end
end
