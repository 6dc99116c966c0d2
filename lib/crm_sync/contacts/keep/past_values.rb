# frozen_string_literal: true

require "json"
require "active_support/parameter_filter"
require_relative "../decide/answers"
require_relative "stored_values"

module CrmSync
  module Contacts
    # Values as the history keeps them: in the form of {StoredValues}, so that they come back equal.
    #
    # An encrypted attribute is kept as it is in its column: encrypted. A column that the app's +filter_parameters+ name
    # is kept without its value.
    class PastValues
      # The mark in the place of a value that is not kept.
      NOT_KEPT = Object.new.tap { |mark| mark.define_singleton_method(:inspect) { "[filtered]" } }.freeze
      # The form of this mark in a row, in which no value is a Hash.
      FILTERED = { "filtered" => true }.freeze
      private_constant :FILTERED

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @stored = StoredValues.new(schema)
        @filtered = {}
      end

      delegate :model, to: :@schema

      # @return [nil] no place, because the history is where the records are
      def place; end

      # @param values [Hash{Symbol => Object}] by column
      # @return [Hash{Symbol => Object}] for JSON
      def dump(values)
        row = {}
        values.each { |column, value| row[column] = filtered?(column) ? FILTERED : @stored.dump(column, value) }
        row
      end

      # @param row [Hash{String => Object}] the result of {#dump}, as JSON reads it
      # @return [Hash{Symbol => Object}]
      def load(row)
        row.to_h { |column, value| [column.to_sym, value == FILTERED ? NOT_KEPT : @stored.load(column, value)] }
      end

      # @return [Object] the key of a record, read from its text
      def key(text)
        @schema.type(model.primary_key).cast(text)
      end

      # @return [Boolean] whether both values are the same in the database
      def same?(column, one, other)
        return false unless kept?(one) && kept?(other)

        one == other || @schema.canonical(column, one) == @schema.canonical(column, other)
      rescue RangeError # The column held longer numbers when the history was written.
        false
      end

      # @return [Boolean] whether the host turns a value that it is sent into the other one
      def rewritten?(key, column, one, other)
        kept?(other) && Answers.new(@schema).rewrites?(key, column, one, other)
      end

      # @return [Boolean]
      def kept?(value)
        !value.equal?(NOT_KEPT)
      end

      private

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
