# frozen_string_literal: true

require_relative "../../store/utf8"
require_relative "../read/shared_value"
require_relative "stored_values"

module CrmSync
  module Contacts
    # Converts the values of a change to the form that a plan file has, and back.
    class KeptValues
      # The classes besides String that JSON has, too.
      KNOWN = [Integer, TrueClass, FalseClass, NilClass].freeze
      # The mark of a value that is kept in the form of the database.
      STORED = "stored"
      private_constant :KNOWN, :STORED

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @stored = StoredValues.new(schema)
      end

      # @param values [Hash{Symbol => Object}] a side of a change
      # @return [Hash{Symbol => Object}] the values as they are if JSON has such values, others in the form of the
      #   database
      def dump(values)
        values.to_h { |column, value| [column, known?(value) ? value : { STORED => @stored.dump(column, value) }] }
      end

      # @param side [Hash{String => Object}] the result of {#dump}, parsed from JSON
      # @param stale [Proc] raises an error with the problem
      # @return [Hash{Symbol => Object}]
      def side(side, stale)
        side.to_h do |name, value|
          column = name.to_sym
          declared = column == @schema.link.name || @schema.columns.include?(column)
          stale.call("it writes the column #{Presentable.text(name)}, which the declaration does not") unless declared
          [column, SharedValue.of(load(column, value))]
        end
      end

      private

      # Returns whether JSON can hold the value as it is. It cannot hold bytes that are not text.
      def known?(value)
        return KNOWN.any? { |kind| value.is_a?(kind) } unless value.is_a?(String)

        Utf8.valid?(value)
      end

      def load(column, value)
        value.is_a?(Hash) ? @stored.load(column, value.fetch(STORED)) : @schema.type(column).cast(value)
      end
    end
    private_constant :KeptValues
  end
end
