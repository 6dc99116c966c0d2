# frozen_string_literal: true

require_relative "type_errors"

module CrmSync
  module Contacts
    # The part of {Schema} that converts values between the model and the database, by the model's attribute types.
    module DatabaseValues
      # Converts the text of a database row to the model's value.
      def from_database(column, text)
        type(column).deserialize(text)
      end

      # Converts a value to the form in which the column's type passes it to the database. The integers of an enum's
      # names are cached, because looking one up in Rails takes longer than everything else that is done with a value.
      def serialize(column, value)
        numbers = (@numbers ||= {}).fetch(column) { @numbers[column] = enum(column) && {} }
        return serialized(type(column), value) unless numbers

        numbers.fetch(value) do
          stored = serialized(type(column), value)
          stored.is_a?(Integer) ? numbers[value] = stored : stored
        end
      end

      private

      # Serializes a value that a +normalizes+ of the model refuses as it is: it was stored before the model had that.
      def serialized(type, value)
        type.serialize(value)
      rescue StandardError => e
        raise unless type.respond_to?(:normalizer) && TypeErrors.of_value?(e)

        type.cast_type.serialize(value)
      end
    end
    private_constant :DatabaseValues
  end
end
