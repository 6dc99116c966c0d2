# frozen_string_literal: true

module CrmSync
  module Contacts
    # Values in a form in which those are equal that mean the same in their column.
    class Canonical
      # What is asked of a column for each of its values.
      Column = Struct.new(:type, :padded, :read_back)
      private_constant :Column

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @columns = Hash.new do |columns, name|
          columns[name] = Column.new(schema.type(name), schema.padded?(name), {})
        end
      end

      # The value as the database is sent it. An encryption with a random part sends another text each time; such a
      # value is compared as it will be read back.
      #
      # @param name [Symbol, String] of the column
      # @param value [Object] as the model has it
      # @return [Object]
      def of(name, value)
        column = @columns[name]
        one = column.type.serialize(value)
        return sent(column, one) if one.eql?(value)

        column.read_back.fetch(value) do
          sent = sent(column, one)
          next sent if sent == sent(column, column.type.serialize(value))

          column.read_back[value] = column.type.deserialize(one)
        end
      end

      private

      # Binary and XML values are wrapped in objects that are never equal, and +char(n)+ is read with blanks behind it.
      def sent(column, stored)
        case stored
        when nil, true, false, Numeric then stored
        when String then column.padded ? stored.sub(/ +\z/, "") : stored
        else @schema.connection.type_cast(stored)
        end
      end
    end
    private_constant :Canonical
  end
end
