# frozen_string_literal: true

module CrmSync
  module Contacts
    # Converts values to the form of the database, for JSON: as the column's type serializes them and the connection
    # writes them. Times keep all fractions of a second. The values read are equal to those kept.
    class StoredValues
      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
      end

      # @param column [Symbol, String]
      # @param value [Object] the model's value
      # @return [Object] a value that JSON can hold; a Hash if it is binary, or text that is not UTF-8
      def dump(column, value)
        stored = plain(@schema.serialize(column, value))
        stored.is_a?(Float) && !stored.finite? ? infinite(column, stored.to_s) : stored
      end

      # @param column [Symbol, String]
      # @param value [Object] the result of {#dump}, parsed from JSON
      # @return [Object] the model's value
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

      # Spells an infinite number, or NaN, as the column's type reads it, because JSON has no such number. PostgreSQL
      # has infinite dates, too.
      def infinite(column, text)
        @schema.type(column).deserialize(text).nil? ? text.downcase : text
      end

      # Converts text that is not UTF-8 to bytes: a database may hold such text, but JSON may not.
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
