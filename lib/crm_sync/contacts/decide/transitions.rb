# frozen_string_literal: true

module CrmSync
  module Contacts
    # Finds the declared parts that follow from the values that a change sets.
    class Transitions
      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @declaration = schema.declaration
        @wanted = {}.compare_by_identity
      end

      # @param after [Hash{Symbol => Object}] the columns that are written, with their values
      # @return [Array<CrmSync::Contacts::Declaration::Hook>]
      def hooks(after)
        @declaration.hooks.select { |hook| reached?(hook, after) }
      end

      # @param contact_id [String, nil] the contact that the record has then
      # @param after (see #hooks)
      # @return [Array<CrmSync::Contacts::Declaration::WriteBack>]
      def write_backs(contact_id, after)
        contact_id ? @declaration.write_backs.select { |write_back| reached?(write_back, after) } : []
      end

      private

      def reached?(part, after)
        after.key?(part.column) && @schema.canonical(part.column, after[part.column]) == wanted(part)
      end

      def wanted(part)
        @wanted[part] ||= @schema.canonical(part.column, @schema.cast(part.column, part.to, part.line))
      end
    end
    private_constant :Transitions
  end
end
