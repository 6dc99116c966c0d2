# frozen_string_literal: true

require_relative "../../sync/blank"
require_relative "idle_values"
require_relative "transitions"

module CrmSync
  module Contacts
    # Determines the budgets that a change counts against, from the declaration of today alone. The core does this for a
    # new plan. This class does it again if a part of a change is left alone, and for plans from files, whose own
    # statements about costs are ignored.
    class Costs
      # The actions on users who were linked before.
      OF_LINKED = %i[relink update unlink].freeze
      private_constant :OF_LINKED

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @declaration = schema.declaration
        @transitions = Transitions.new(schema)
      end

      # @param change [CrmSync::Contacts::Change]
      # @return [CrmSync::Contacts::Change] the same change, with the budgets that it counts against
      def reckoned(change)
        only(change, change.after.keys)
      end

      # @param change [CrmSync::Contacts::Change]
      # @param columns [Array<Symbol>] the columns to leave alone
      # @return [CrmSync::Contacts::Change, nil] the rest of the change; nil if nothing is left, or nothing without the
      #   link
      def without(change, columns)
        left = change.after.keys - columns
        only(change, left) unless left.empty? || columns.include?(@declaration.foreign_key)
      end

      private

      def only(change, columns)
        moves = (columns - [@declaration.foreign_key]).map { |name| [name, change.before[name], change.after[name]] }
        change.only(columns, budgets: [*(%i[unlink relink] & [change.action]), *of_privileges(change.action, moves),
                                       *cleared(moves), *by_want_of_a_contact(change.action, moves), *own(moves),
                                       *effects(change, columns)])
      end

      def of_privileges(action, moves)
        privileges = moves.map { |name, *sides| sides.map { |value| privileged?(name, value) } }
        promotes = OF_LINKED.include?(action) && privileges.include?([false, true])
        [(:demote if privileges.include?([true, false])), (:promote if promotes)].compact
      end

      def cleared(moves)
        moves.any? { |_, before, after| Blank.blank?(after) && !Blank.blank?(before) } ? [:clear] : []
      end

      # Returns the budget of a change by which leads or the sweep take a value that says something.
      def by_want_of_a_contact(action, moves)
        return [] unless %i[lead sweep].include?(action)

        moves.any? { |name, before, _| !idle?(name, before) } ? [action] : []
      end

      def idle?(name, value)
        return true if Blank.blank?(value)

        IdleValues.of(@schema, name).any? { |idle| @schema.canonical(name, idle) == @schema.canonical(name, value) }
      end

      def own(moves)
        spent = @declaration.budgets.select do |budget|
          moves.any? { |name, _, after| name == budget.column && same?(name, after, budget.value, budget.line) }
        end
        spent.map(&:name)
      end

      def effects(change, columns)
        @transitions.write_backs(change.contact_id, change.after.slice(*columns)).any? ? [:effects] : []
      end

      def privileged?(column, value)
        attribute = @declaration.attributes.find { |known| known.column == column }
        attribute&.privileged.to_a.any? { |known| same?(column, value, known, attribute.line) }
      end

      def same?(column, value, declared, line)
        @schema.canonical(column, value) == @schema.canonical(column, @schema.cast(column, declared, line))
      end
    end
    private_constant :Costs
  end
end
