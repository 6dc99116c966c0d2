# frozen_string_literal: true

module CrmSync
  module Contacts
    # Checks whether a column has the same value in the database as in the model, so that its values can be compared in
    # the database.
    class PlainColumn
      # The types of columns that hold text; nil for types that only the database knows.
      TEXTS = [:string, :text, :citext, nil].freeze

      # @param model [Class]
      # @param column [ActiveRecord::ConnectionAdapters::Column]
      def initialize(model, column)
        @model = model
        @column = column
      end

      # @param text [String]
      # @return [Boolean] whether the column holds text, and keeps this text as it is
      def text?(text)
        TEXTS.include?(@column.type) && keeps?(text)
      end

      # @param text [String] a value as text
      # @return [Boolean] whether the value is the same in the database as in the model
      def keeps?(text)
        return false if @column.try(:array) || encrypted?

        value = @column.type == :integer ? text.to_i : text
        type = @model.type_for_attribute(@column.name)
        type.serialize(value).eql?(value) && type.deserialize(value.to_s).eql?(value)
      end

      # @return [String] for a message, a description of the values in the database if they are not the same
      def state
        encrypted? ? "encrypted" : "not what the model shows (#{@column.sql_type})"
      end

      private

      # Returns whether Rails encrypts the attribute; such an attribute has a type of its own and is listed by the
      # model.
      def encrypted?
        @model.try(:encrypted_attributes).to_a.map(&:to_s).include?(@column.name)
      end
    end
    private_constant :PlainColumn
  end
end
