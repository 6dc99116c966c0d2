# frozen_string_literal: true

require_relative "../../sync/blank"
require_relative "../declare/reference"
require_relative "referred_rows"

module CrmSync
  module Contacts
    # Maps each distinct value of a Salesforce field to the value that a column gets, once.
    class Outcomes
      # @param schema [CrmSync::Contacts::Schema]
      # @param numbers [Numbers]
      def initialize(schema, numbers)
        @schema = schema
        @numbers = numbers
        @sources = Hash.new { |sources, column| sources[column] = {} }
      end

      # Returns the number of the value that a column gets, or one of these symbols, which leave the column as it is:
      # +:keep+; +:quarantine+ for a value that the declaration does not know; +:unfit+ for one that the column cannot
      # hold as it is; and +:missing+ for one that leads to no row.
      # @param attribute [Attribute]
      # @param distinct [Array<Array<Object>>] the distinct values of its fields
      # @return [Array<Integer, Symbol>] the result for each of them
      def of(attribute, distinct)
        return keys(attribute, distinct.map(&:first)) if attribute.is_a?(Reference)

        distinct.map { |values| outcome(attribute, values) }
      end

      # @param column [Symbol] the column of a reference
      # @param number [Integer] the number of a key
      # @return [Object, nil] the Salesforce value that leads to the row with this key
      def source(column, number)
        @sources[column][number]
      end

      private

      def outcome(attribute, values)
        case value = attribute.outcome(values)
        when Attribute::KEEP then :keep
        when Attribute::QUARANTINE then :quarantine
        else setting(attribute, value)
        end
      end

      def setting(attribute, value)
        column = attribute.column
        return :quarantine if value.nil? && !@schema.nullable?(column)
        # Marks a copied value that the column cannot hold: it comes from Salesforce, not from the declaration.
        return :unfit unless value.nil? || attribute.declares?(value) || @schema.fits?(column, value)

        @numbers.declared(column, value, attribute.line)
      end

      def keys(reference, values)
        keys = ReferredRows.new(reference).keys(values.reject { |value| Blank.blank?(value) })
        values.map { |value| Blank.blank?(value) ? setting(reference, nil) : key_of(reference, value, keys) }
      end

      def key_of(reference, value, keys)
        return :missing unless keys.key?(value)

        setting(reference, keys[value]).tap { |number| @sources[reference.column][number] = value }
      end
    end
    private_constant :Outcomes
  end
end
