# frozen_string_literal: true

module CrmSync
  module Contacts
    # Finds the parts of the declaration that follow from the values that a change sets, and from the contact that it
    # gives.
    class Transitions
      # The actions that link a record to a contact.
      LINKING = %i[link relink].freeze
      private_constant :LINKING

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @declaration = schema.declaration
        @wanted = {}.compare_by_identity
      end

      # @param change [CrmSync::Contacts::Change]
      # @return [Array<Declaration::LinkHook, Declaration::Hook>] the hooks that run, those of the link first
      def hooks(change)
        of_link = @declaration.link_hooks.select { |hook| hook.actions.include?(change.action) }
        of_link.concat(@declaration.hooks.select { |hook| reached?(hook, change.after) })
      end

      # @param change (see #hooks)
      # @return [Array<CrmSync::Contacts::Declaration::WriteBack>] the write-backs that follow the change
      def write_backs(change)
        return [] unless change.contact_id

        @declaration.write_backs.select do |write_back|
          write_back.link? ? LINKING.include?(change.action) : reached?(write_back, change.after)
        end
      end

      # @param field [String] the field of the contact
      # @param column [String, nil] the column of the transition; nil for a link
      # @yieldreturn [Object] the value that the column got
      # @return [CrmSync::Contacts::Declaration::WriteBack, nil] the declared write-back of the field that follows this
      #   transition or a link
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
