# frozen_string_literal: true

module CrmSync
  module Contacts
    # Finds the rows that a reference leads to. A text that can be a Salesforce id is found in both spellings; in any
    # other text, each character counts.
    class ReferredRows
      # The number of values that are asked for at once.
      SLICE = 1_000
      private_constant :SLICE

      # @param reference [Reference]
      def initialize(reference)
        @rows = reference.reflection.klass.where.not(reference.by => nil)
        @key = reference.reflection.association_primary_key
        @by = reference.by
      end

      # @param values [Array<Object>] values from Salesforce, none of them blank
      # @return [Hash{Object => Object}] for each value, the key of the one row that has it; no entry for a value that
      #   no row has, or that several have
      def keys(values)
        found = values.each_slice(SLICE).flat_map { |slice| rows(@by => slice.flat_map { |value| spellings(value) }) }
        by_value = found.uniq.group_by { |_, own| same(own) }
        of_each = values.to_h { |value| [value, by_value.fetch(same(value), [])] }
        of_each.select { |_, rows| rows.one? }.transform_values { |((key, _))| key }
      end

      # @param keys [Array<Object>] the keys of rows
      # @return [Hash{String => String}] the value of each row in the form of {#same}, by the text of its key
      def values(keys)
        keys.uniq.each_slice(SLICE).flat_map { |slice| rows(@key => slice) }.to_h { |key, own| [key.to_s, same(own)] }
      end

      # @param value [Object]
      # @return [String] a form that is the same for all spellings of a value
      def same(value)
        RecordId.same(value.to_s.strip)
      end

      private

      def rows(condition)
        @rows.where(condition).pluck(@key, @by)
      end

      def spellings(value)
        value.is_a?(String) ? RecordId.spellings(value) : [value]
      end
    end
    private_constant :ReferredRows
  end
end
