# frozen_string_literal: true

module CrmSync
  module Contacts
    # Converts values to a canonical form: two values mean the same in their column if their forms are equal.
    class Canonical
      # Represents a column: its type, whether the database pads its texts, and a cache of values that had to be
      # converted back.
      Column = Struct.new(:type, :padded, :read_back)
      private_constant :Column

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @columns = Hash.new do |columns, name|
          columns[name] = Column.new(schema.type(name), schema.padded?(name), {})
        end
      end

      # Returns the value in the form in which it is sent to the database. An encrypted value has another form each time
      # if the encryption has a random part; it is compared in the form in which the model reads it.
      #
      # @param name [Symbol, String] the column
      # @param value [Object] the model's value
      # @return [Object]
      def of(name, value)
        column = @columns[name]
        one = @schema.serialize(name, value)
        return one if one.is_a?(Integer)
        return sent(column, one) if one.eql?(value)

        column.read_back.fetch(value) do
          sent = sent(column, one)
          next sent if sent == sent(column, @schema.serialize(name, value))

          column.read_back[value] = column.type.deserialize(one)
        end
      end

      private

      # Unwraps binary and XML values, whose objects are never equal, and strips the blanks with which +char(n)+ is
      # padded.
      def sent(column, stored)
        case stored
        when nil, true, false, Integer then stored
        when Numeric then number?(stored) ? stored : stored.to_s
        when String then column.padded ? @schema.unpad(stored) : stored
        else @schema.connection.type_cast(stored)
        end
      end

      # Returns whether it equals itself, as NaN does not.
      def number?(stored) = stored == stored # rubocop:disable Lint/BinaryOperatorWithIdenticalOperands
    end
    private_constant :Canonical
  end
end
