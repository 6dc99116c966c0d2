# frozen_string_literal: true

module CrmSync
  module Contacts
    # Finds the changes that somebody has made already, such as an earlier run of the same plan: nothing is left to do
    # for them, and nothing is wrong.
    class Done
      AT_ONCE = 1_000
      private_constant :AT_ONCE

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
      end

      # @param changes [Array<CrmSync::Change>] changes that could not be made
      # @return [Array<CrmSync::Change>] those whose records already have the values of the change
      def among(changes)
        changes.each_slice(AT_ONCE).flat_map do |some|
          records = @schema.keyed(@schema.model.all, some.map(&:key))
          records = @schema.link.preloaded(records).index_by { |record| @schema.canonical_key(record.id) }
          some.select { |change| made?(records[@schema.canonical_key(change.key)], change.after) }
        end
      end

      private

      def made?(record, after)
        !record.nil? && after.all? do |name, value|
          @schema.canonical(name, @schema.value(record, name)) == @schema.canonical(name, value)
        end
      end
    end
    private_constant :Done
  end
end
