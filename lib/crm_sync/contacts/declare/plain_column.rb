# frozen_string_literal: true

module CrmSync
  module Contacts
    # Tells whether a column is in the database what the model shows, so that its values can be compared there.
    class PlainColumn
      # The types of columns that hold texts; nil for types that only the database knows.
      TEXTS = [:string, :text, :citext, nil].freeze

      # @param model [Class]
      # @param column [ActiveRecord::ConnectionAdapters::Column]
      def initialize(model, column)
        @model = model
        @column = column
      end

      # @param text [String]
      # @return [Boolean] whether it is a column of texts, which keeps this one as it is
      def text?(text)
        TEXTS.include?(@column.type) && keeps?(text)
      end

      # @param text [String] of a value
      # @return [Boolean] whether the value is in the database what the model shows
      def keeps?(text)
        return false if @column.try(:array) || encrypted?

        value = @column.type == :integer ? text.to_i : text
        type = @model.type_for_attribute(@column.name)
        type.serialize(value).eql?(value) && type.deserialize(value.to_s).eql?(value)
      end

      # @return [String] what it is instead, for a message
      def state
        encrypted? ? "encrypted" : "not what the model shows (#{@column.sql_type})"
      end

      private

      # Returns whether Rails encrypts the attribute: it does so by a type of its own, and names the attributes.
      def encrypted?
        @model.try(:encrypted_attributes).to_a.map(&:to_s).include?(@column.name)
      end
    end
    private_constant :PlainColumn
  end
end
