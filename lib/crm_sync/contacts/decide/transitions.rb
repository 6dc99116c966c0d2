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

      # @param change [CrmSync::Contacts::Change]
      # @return [Array<Declaration::LinkHook, Declaration::Hook>] those of the link first
      def hooks(change)
        of_link = @declaration.link_hooks.select { |hook| hook.actions.include?(change.action) }
        of_link + @declaration.hooks.select { |hook| hook.any? ? change.after.key?(hook.column) : reached?(hook, change.after) }
      end

      # @param contact_id [String, nil] the contact that the record has then
      # @param after [Hash{Symbol => Object}] the columns that are written, with their values
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
