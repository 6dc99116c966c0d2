# frozen_string_literal: true

require_relative "../../sync/blank"
require_relative "../decide/type_errors"
require_relative "shared_value"
require_relative "unreadable_value"

module CrmSync
  module Contacts
    # Maps the values of one column to numbers: equal numbers mean equal values.
    class NumberTable
      # @param schema [CrmSync::Contacts::Schema]
      # @param column [Symbol]
      def initialize(schema, column)
        @schema = schema
        @column = column
        @numbers = {}
        @values = []
      end

      # @param number [Integer]
      # @return [Object] the value as the model has it; see {SharedValue}
      def value(number)
        @values[number]
      end

      # @param value [Object] as the model has it
      # @return [Integer]
      def number(value)
        canonical = @schema.canonical(@column, value)
        @numbers.fetch(canonical) do
          @values.push(SharedValue.of(value))
          @numbers[canonical] = @values.size - 1
        end
      end

      # @param text [String, nil] the text of a value in the database; each is given once
      # @return [Integer] the number of the value; if the model cannot read it, a number that no other value has
      def stored(text)
        number(@schema.from_database(@column, text))
      rescue StandardError => e
        raise unless TypeErrors.of_value?(e)

        @unreadable = true
        @values.push(UnreadableValue.new(e))
        @values.size - 1
      end

      # @return [Boolean] whether the model cannot read one of the values
      def unreadable? = @unreadable || false

      # @return [Array<Integer>] the numbers of blank values, including those that no record has yet
      def blank
        number(nil) if @schema.may_be_null?(@column)
        number("") if @schema.text?(@column) && @schema.fits?(@column, "")
        @values.each_index.select { |number| Blank.blank?(@values[number]) }
      end
    end
    private_constant :NumberTable
  end
end
