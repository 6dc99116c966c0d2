# frozen_string_literal: true

require_relative "reference"

module CrmSync
  module Contacts
    # The part of {Schema} that knows what the model makes of the declared attributes.
    module ResolvedAttributes
      # @return [Array<Attribute>] the declared attributes, in their order; each +map: :enum+ has the names of the enum
      def attributes
        @attributes ||= declaration.attributes.map do |attribute|
          attribute.enum? ? attribute.naming(enum(attribute.column).to_h.keys) : attribute
        end
      end

      # @return [Array<Reference>] those of them that lead to rows of the app
      def references = attributes.grep(Reference)

      # @return [Hash{String => Object}, nil] the names and values of the column, if the model declares it as an enum
      def enum(column) = column_values.enum(column)

      # @return [Boolean] whether the column may be without a value: NULL, or a text of white space
      def may_be_blank?(column) = nullable?(column) || text?(column)
    end
    private_constant :ResolvedAttributes
  end
end
