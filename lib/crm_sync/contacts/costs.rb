# frozen_string_literal: true

require_relative "transitions"

module CrmSync
  module Contacts
    # What a change costs when some of its columns are left alone.
    # @api private
    class Costs
      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @declaration = schema.declaration
        @transitions = Transitions.new(schema)
      end

      # @param change [CrmSync::Contacts::Change]
      # @param columns [Array<Symbol>] what is to be left alone
      # @return [CrmSync::Contacts::Change, nil] the rest of it; nil where there is none, or none without the link
      def without(change, columns)
        left = change.after.keys - columns
        return if left.empty? || columns.include?(@declaration.foreign_key)

        change.only(left, budgets: change.budgets.select { |budget| spends?(budget, left, change) })
      end

      private

      def spends?(budget, left, change)
        return left.any? { |name| costs?(budget, name, change) } unless budget == :effects

        @transitions.write_backs(change.contact_id, change.after.slice(*left)).any?
      end

      def costs?(budget, column, change)
        before, after = [change.before, change.after].map { |values| values[column] }
        case budget
        when :demote then privileged?(column, before) && !privileged?(column, after)
        when :clear then after.nil?
        else own?(budget, column, after)
        end
      end

      # One that is neither the declaration's own nor about a column stays.
      def own?(budget, column, value)
        own = @declaration.budgets.find { |known| known.name == budget }
        own.nil? || (own.column == column && same?(column, value, own.value, own.line))
      end

      def privileged?(column, value)
        attribute = @declaration.attributes.find { |known| known.column == column }
        attribute&.privileged.to_a.any? { |known| same?(column, value, known, attribute.line) }
      end

      def same?(column, value, declared, line)
        @schema.canonical(column, value) == @schema.canonical(column, @schema.cast(column, declared, line))
      end
    end
  end
end
