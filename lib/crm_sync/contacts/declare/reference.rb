# frozen_string_literal: true

require_relative "attribute"

module CrmSync
  module Contacts
    # Represents a declared reference: it converts a field of the contact into the key of the row that a +belongs_to+ of
    # the model leads to.
    class Reference < Attribute
      # The association, and the column of its rows that has the same value as the contact's field.
      attr_reader :association, :by

      # @param association [Symbol]
      # @param line [String] the line of the declaration
      # @param from [String] the path of the contact's field
      # @param by [Symbol] the column of the associated rows
      # @param declaration [Declaration] the declaration whose model has the association
      def initialize(association, line, from:, by:, declaration:)
        @association = association
        @by = by
        @declaration = declaration
        super(nil, line, paths: [from])
      end

      # @return [Reference] the same reference for the model of another declaration
      def of(declaration)
        self.class.new(association, line, from: paths.first, by:, declaration:)
      end

      # @return [Symbol] the foreign key; if the association does not exist, the name that it would have
      def column
        key = reflection&.foreign_key
        key.is_a?(Array) || key.nil? ? :"#{association}_id" : key.to_sym
      end

      # @return [ActiveRecord::Reflection, nil] the association, if the model has it
      def reflection
        @declaration.home&.reflect_on_association(association)
      end

      # @return [Symbol] the association, for which a class may declare one reference only
      def subject = association

      # @return [Boolean] always true, because {ReferredRows} found the key in the app's own database
      def declares?(_value) = true
    end
    private_constant :Reference
  end
end
