# frozen_string_literal: true

module CrmSync
  module Contacts
    # Finds the declared parts that follow from the values that a change sets, and from the contact that it gives.
    class Transitions
      # The actions that give a record a contact.
      LINKING = %i[link relink].freeze
      private_constant :LINKING

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
        of_link.concat(@declaration.hooks.select { |hook| reached?(hook, change.after) })
      end

      # @param change (see #hooks)
      # @return [Array<CrmSync::Contacts::Declaration::WriteBack>]
      def write_backs(change)
        return [] unless change.contact_id

        @declaration.write_backs.select do |write_back|
          write_back.link? ? LINKING.include?(change.action) : reached?(write_back, change.after)
        end
      end

      # @param field [String]
      # @param column [String, nil]
      # @yieldreturn [Object] the value that the column got
      # @return [CrmSync::Contacts::Declaration::WriteBack, nil] the write-back of a field that follows it
      def write_back(field, column)
        @declaration.write_backs.find do |one|
          one.field == field && one.column.to_s == column.to_s && (one.link? || reached?(one, { one.column => yield }))
        end
      end

      private

      def reached?(part, after)
        return false unless after.key?(part.column)

        part.to.equal?(Declaration::ANY) || @schema.canonical(part.column, after[part.column]) == wanted(part)
      end

      def wanted(part)
        @wanted[part] ||= @schema.canonical(part.column, @schema.cast(part.column, part.to, part.line))
      end
    end
    private_constant :Transitions
  end
end
