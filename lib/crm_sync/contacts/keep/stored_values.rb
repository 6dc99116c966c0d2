# frozen_string_literal: true

module CrmSync
  module Contacts
    # Converts values to the form of the database, for JSON: as their columns' types serialize them and the connection
    # writes them, with all fractions of a second, so that they come back equal.
    class StoredValues
      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
      end

      # @param column [Symbol, String]
      # @param value [Object] as the model has it
      # @return [Object] for JSON; a Hash if it is not text
      def dump(column, value)
        stored = plain(@schema.serialize(column, value))
        stored.is_a?(Float) && !stored.finite? ? infinite(column, stored.to_s) : stored
      end

      # @param column [Symbol, String]
      # @param value [Object] the result of {#dump}, as JSON reads it
      # @return [Object] as the model has it
      def load(column, value)
        type = @schema.type(column)
        return type.deserialize(value) unless value.is_a?(Hash)

        bytes = value.fetch("bytes").unpack1("m0")
        type.deserialize(type.binary? ? ActiveModel::Type::Binary::Data.new(bytes) : bytes.force_encoding("UTF-8"))
      end

      private

      def plain(value)
        case value
        when nil, true, false, Integer, Float then value
        when String then text(value)
        when ActiveModel::Type::Binary::Data then bytes(value.to_s)
        when BigDecimal then value.to_s("F")
        else text(@schema.connection.type_cast(value))
        end
      end

      # Spells what JSON has no number for as the column's type reads it: dates can be infinite in PostgreSQL, too.
      def infinite(column, text)
        @schema.type(column).deserialize(text).nil? ? text.downcase : text
      end

      # Handles text that is not UTF-8: a database may hold it, and JSON may not.
      def text(value)
        utf8 = value.encoding == Encoding::UTF_8 ? value : value.encode(Encoding::UTF_8)
        utf8.valid_encoding? ? utf8 : bytes(value)
      rescue EncodingError
        bytes(value)
      end

      def bytes(value)
        { "bytes" => [value].pack("m0") }
      end
    end
    private_constant :StoredValues
  end
end
