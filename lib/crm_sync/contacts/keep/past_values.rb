# frozen_string_literal: true

require "json"
require "active_support/parameter_filter"
require_relative "../decide/answers"
require_relative "../decide/type_errors"
require_relative "stored_values"

module CrmSync
  module Contacts
    # Converts values to the form in which the history keeps them, and back. It is the form of {StoredValues}, so that
    # the values read are equal to those kept.
    #
    # The value of an encrypted attribute is kept encrypted, as in its column. For a column that the app's
    # +filter_parameters+ name, no value is kept.
    class PastValues
      # Stands for a value that was not kept.
      NOT_KEPT = Object.new.tap { |mark| mark.define_singleton_method(:inspect) { "[filtered]" } }.freeze
      # Stands for a value that cannot be read any more, such as one that was encrypted with a key that is gone, or that
      # was kept before its column was encrypted.
      UNREADABLE = Object.new.tap { |mark| mark.define_singleton_method(:inspect) { "[unreadable]" } }.freeze
      # The form of the first mark in a row. The only other Hash in a row is that of {StoredValues} for bytes.
      FILTERED = { "filtered" => true }.freeze
      private_constant :FILTERED

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @stored = StoredValues.new(schema)
        @filtered = {}
      end

      delegate :model, to: :@schema

      # @return [nil] no place, because the history is in the same database as the records
      def place; end

      # @param values [Hash{Symbol => Object}] the values by column
      # @return [Hash{Symbol => Object}] the values in a form that JSON can hold
      def dump(values)
        row = {}
        values.each { |column, value| row[column] = filtered?(column) ? FILTERED : @stored.dump(column, value) }
        row
      end

      # @param row [Hash{String => Object}] the result of {#dump}, parsed from JSON
      # @return [Hash{Symbol => Object}]
      def load(row)
        row.to_h { |column, value| [column.to_sym, value == FILTERED ? NOT_KEPT : stored(column, value)] }
      end

      # @return [Object] the primary key of a record, cast from its text
      def key(text)
        @schema.type(model.primary_key).cast(text)
      end

      # @return [Boolean] whether both values are the same in the database
      def same?(column, one, other)
        return false unless kept?(one) && kept?(other)

        one == other || @schema.canonical(column, one) == @schema.canonical(column, other)
      rescue RangeError # The column could hold larger numbers when the history was written.
        false
      end

      # @return [Boolean] whether the app is known to turn the first value into the second when it is written
      def rewritten?(key, column, one, other)
        kept?(other) && Answers.new(@schema).rewrites?(key, column, one, other)
      end

      # @return [Boolean] whether the history has the value
      def kept?(value)
        !value.equal?(NOT_KEPT) && !unreadable?(value)
      end

      # @return [Boolean] whether the history kept a value that cannot be read any more
      def unreadable?(value) = value.equal?(UNREADABLE)

      private

      def stored(column, value)
        @stored.load(column, value)
      rescue StandardError => e
        raise unless TypeErrors.of_value?(e)

        UNREADABLE
      end

      def filtered?(column)
        @filtered.fetch(column) { @filtered[column] = !encrypted?(column) && named?(column.to_s) }
      end

      def encrypted?(column)
        model.try(:encrypted_attributes).to_a.include?(column)
      end

      def named?(column)
        filter = ActiveSupport::ParameterFilter.new(model.filter_attributes)
        filter.filter(column => "a value")[column] != "a value"
      end
    end
    private_constant :PastValues
  end
end
