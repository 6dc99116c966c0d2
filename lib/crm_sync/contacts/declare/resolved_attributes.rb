# frozen_string_literal: true

require_relative "reference"

module CrmSync
  module Contacts
    # The part of {Schema} that resolves the declared attributes against the model.
    module ResolvedAttributes
      # @return [Array<Attribute>] the declared attributes, in order; those with +map: :enum+ have the names of the enum
      def attributes
        @attributes ||= declaration.attributes.map do |attribute|
          attribute.enum? ? attribute.naming(enum(attribute.column).to_h.keys) : attribute
        end
      end

      # @return [Array<Reference>] the attributes that set a foreign key to a row of the app
      def references = attributes.grep(Reference)

      # @return [Hash{String => Object}, nil] the names and values of the column's enum, if the model declares one
      def enum(column) = column_values.enum(column)

      # @return [Boolean] whether the column can be without a value: NULL, or a text of white space
      def may_be_blank?(column) = may_be_null?(column) || text?(column)
    end
    private_constant :ResolvedAttributes
  end
end
