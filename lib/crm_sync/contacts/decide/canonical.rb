# frozen_string_literal: true

require "bigdecimal"

module CrmSync
  module Contacts
    # Brings values into a form in which two are equal if they mean the same in their column.
    class Canonical
      # A column's type, whether the database pads its texts, and the values that have been read back.
      Column = Struct.new(:type, :padded, :read_back)
      # What stands for all that are not a number; a database takes them for equal.
      NAN = :nan
      private_constant :Column, :NAN

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @columns = Hash.new do |columns, name|
          columns[name] = Column.new(schema.type(name), schema.padded?(name), {})
        end
      end

      # Returns the value as it is sent to the database. Encryption with a random part gives another text each time;
      # such a value is compared as it will be read back.
      #
      # @param name [Symbol, String] of the column
      # @param value [Object] as the model has it
      # @return [Object]
      def of(name, value)
        column = @columns[name]
        one = @schema.serialize(name, value)
        return one if one.is_a?(Integer)
        return sent(column, one) if one.eql?(value)

        column.read_back.fetch(value) do
          sent = sent(column, one)
          next sent if sent == sent(column, column.type.serialize(value))

          column.read_back[value] = column.type.deserialize(one)
        end
      end

      private

      # Unwraps binary and XML values, whose objects are never equal, as NaN is not either, and strips the blanks that
      # +char(n)+ is padded with.
      def sent(column, stored)
        case stored
        when Float, BigDecimal then stored.nan? ? NAN : stored
        when nil, true, false, Numeric then stored
        when String then column.padded ? stored.sub(/ +\z/, "") : stored
        else @schema.connection.type_cast(stored)
        end
      end
    end
    private_constant :Canonical
  end
end
