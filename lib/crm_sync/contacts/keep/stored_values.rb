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
        stored = @schema.serialize(column, value)
        # PostgreSQL's endless dates and times are read only as it spells them.
        return stored.to_s.downcase if stored.is_a?(Float) && stored.infinite? && moment?(column)

        plain(stored)
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

      def moment?(column) = %i[date datetime timestamp timestamptz].include?(@schema.type(column).type)

      def plain(value)
        case value
        when nil, true, false, Integer then value
        when String then text(value)
        when ActiveModel::Type::Binary::Data then bytes(value.to_s)
        when Float then value.finite? ? value : value.to_s
        when BigDecimal then value.to_s("F")
        else text(@schema.connection.type_cast(value))
        end
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
