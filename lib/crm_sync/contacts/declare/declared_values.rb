# frozen_string_literal: true

module CrmSync
  module Contacts
    # Knows the values that each kind of change may write according to the declaration.
    class DeclaredValues
      # The kinds of changes that follow a contact. All others write values that a part of the declaration sets.
      FOLLOWING = %w[link relink update].freeze
      private_constant :FOLLOWING

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @declaration = schema.declaration
        @allowed = {}
      end

      # @param action [String] the kind of change
      # @param column [Symbol] a column that the declaration writes
      # @param before [Object] the present value of the column
      # @param value [Object]
      # @return [Boolean] whether a change of that kind may write the value to the column
      def allow?(action, column, before, value)
        return false if !Blank.blank?(before) && fills?(action, column)

        allowed = @allowed.fetch([action, column]) { |pair| @allowed[pair] = allowed(*pair) }
        return value.nil? || @schema.fits?(column, value) if allowed == :any

        allowed.include?(@schema.canonical(column, @schema.type(column).cast(value)))
      end

      private

      def allowed(action, column)
        values = FOLLOWING.include?(action) ? from_attribute(column) : from_sets(action, column)
        return values if values == :any

        values.map { |value, line| @schema.canonical(column, @schema.cast(column, value, line)) }
      end

      # Allows any value if the attribute has no map, because it then copies the value from Salesforce.
      def from_attribute(column)
        attribute = attribute(column)
        return [] unless attribute

        attribute.mapped? ? attribute.values.map { |value| [value, attribute.line] } : :any
      end

      def fills?(action, column)
        FOLLOWING.include?(action) && (attribute(column)&.fills? || false)
      end

      def attribute(column)
        @schema.attributes.find { |known| known.column == column }
      end

      def from_sets(action, column)
        parts(action).select { |part| part.set.key?(column) }.map { |part| [part.set[column], part.line] }
      end

      # Includes the rules for leads and the sweep in an unlink, because they can decide in the same change.
      def parts(action)
        leads = @declaration.lead_rules&.rules.to_a
        { "lead" => leads, "sweep" => [@declaration.sweep], "unlink" => [@declaration.missing, *leads,
                                                                         @declaration.sweep] }.fetch(action).compact
      end
    end
    private_constant :DeclaredValues
  end
end
