# frozen_string_literal: true

require_relative "attribute"

module CrmSync
  module Contacts
    # Turns a field of the contact into the key of the row that a +belongs_to+ of the model leads to.
    class Reference < Attribute
      # The association, and the column of its rows that holds what the field of the contact holds.
      attr_reader :association, :by

      # @param association [Symbol]
      # @param line [String] of the declaration
      # @param from [String] the field
      # @param by [Symbol]
      # @param declaration [Declaration] whose model has the association
      def initialize(association, line, from:, by:, declaration:)
        @association = association
        @by = by
        @declaration = declaration
        super(nil, line, paths: [from])
      end

      # @return [Reference] the same of the model that another declaration names
      def of(declaration)
        self.class.new(association, line, from: paths.first, by:, declaration:)
      end

      # @return [Symbol] the foreign key; if there is no such association, the one that it would have
      def column
        key = reflection&.foreign_key
        key.is_a?(Array) || key.nil? ? :"#{association}_id" : key.to_sym
      end

      # @return [ActiveRecord::Reflection, nil] the association, if the model has it
      def reflection
        @declaration.home&.reflect_on_association(association)
      end

      # @return [Symbol] the association, of which there is one reference
      def subject = association

      # @return [Boolean] always true: {ReferredRows} has found the key in the app's own database
      def declares?(_value) = true
    end
    private_constant :Reference
  end
end
