# frozen_string_literal: true

require_relative "../decide/idle_values"
require_relative "number_table"
require_relative "outcomes"

module CrmSync
  module Contacts
    # Maps values to numbers, with one table for each column. The native side compares numbers; each distinct value is
    # mapped once, here.
    class Numbers
      def initialize(schema)
        @schema = schema
        @declaration = schema.declaration
        @tables = schema.columns.map { |name| NumberTable.new(schema, name) }
        @outcomes = Outcomes.new(schema, self)
      end

      # @return [Object] the model's value for a number
      def value(column, number)
        @tables[column].value(number)
      end

      # @return [Integer] the number of a value that the model has
      def number(column, value)
        @tables[column].number(value)
      end

      # @return [Boolean] whether the model cannot read one of the values in the database
      def unreadable? = @tables.any?(&:unreadable?)

      # @return [Outcomes] the meanings of source values, as numbers
      attr_reader :outcomes

      # @param session [CrmSync::Native::ContactSession] a session that has read both sides
      # @param missing_before [Array<String>, nil] contacts that were missing often enough before
      # @param sees_all [Boolean, nil] whether the integration user sees all contacts; nil if unknown
      # @return [Hash] the rules for the native side
      def rules(session, missing_before, sees_all)
        columns = @schema.columns.each_with_index.map { |name, column| column_rule(name, column, session) }
        rules = {
          attributes: attribute_rules(session),
          contact_missing: assignments(@declaration.missing), missing_before:, sees_all:,
          keep_missing: @declaration.keep_missing?,
          leads: lead_rules(session.lead_statuses), lead_statuses: taken(session.lead_statuses),
          unmatched: assignments(@declaration.sweep), write_backs:, budgets:,
          write_back_links: @declaration.write_backs.any?(&:link?)
        }
        # Builds the columns last, when every value has its number.
        { columns: columns.zip(@tables).map { |rule, table| { **rule, blank: table.blank } }, **matching, **rules }
      end

      # @param name [Symbol] the name of a column
      # @param value [Object] the value in the declaration
      # @param line [String] the line of the declaration
      # @return [Integer] the number of the value
      # @raise [CrmSync::MappingError] when the column cannot hold it
      def declared(name, value, line)
        number(@schema.columns.index(name), @schema.cast(name, value, line))
      end

      private

      def column_rule(name, column, session)
        values = session.column_values(column).map { |(text)| @tables[column].stored(text) }
        attribute = @schema.attributes.find { |known| known.column == name }
        {
          name: name.to_s, values:, default: default(name, column),
          privileged: attribute ? attribute.privileged.map { |value| declared(name, value, attribute.line) } : [],
          protected: protections(name)
        }
      end

      def default(name, column)
        value = IdleValues.default(@schema, name)
        number(column, value) unless value.nil?
      end

      def protections(name)
        @declaration.protections.select { |part| part.column == name }.flat_map do |part|
          from, to = [part.from, part.to].map { |values| values.map { |value| declared(name, value, part.line) } }
          from.product(to)
        end
      end

      def attribute_rules(session)
        @schema.attributes.each_with_index.map do |attribute, number|
          outcomes = @outcomes.of(attribute, session.source_values(number))
          { column: @schema.columns.index(attribute.column), fills: attribute.fills?, outcomes: }
        end
      end

      def matching
        { keys:, tiers:, hold_disagreeing: @declaration.disagreeing == :hold,
          share_contacts: @declaration.sharing == :link }
      end

      def keys
        @schema.keys.map { |key| { name: key.name.to_s, kind: key.kind.to_s, evidence: key.evidence } }
      end

      def tiers
        @schema.keys.each_with_index.flat_map do |key, number|
          key.tiers.map do |tier|
            { name: tier.scope.to_s, contacts: !key.lead?, leads: @declaration.lead_tiers.include?(tier), key: number }
          end
        end
      end

      def lead_rules(statuses)
        return [] unless @declaration.lead_rules

        @declaration.lead_rules.rules.map do |rule|
          { all: rule.all && statuses.map { |(status)| rule.all.include?(status) }, set: assignments(rule) }
        end
      end

      # Returns for each status whether one of the rules names it; nil unless the rule for the other statuses names the
      # ones that it takes.
      def taken(statuses)
        rules = @declaration.lead_rules&.rules.to_a
        return unless rules.any?(&:others)

        named = rules.flat_map(&:statuses)
        statuses.map { |(status)| named.include?(status) }
      end

      def write_backs
        @declaration.write_backs.reject(&:link?).map { |part| assignment(part.column, part.to, part.line) }
      end

      def budgets
        @declaration.budgets.map do |budget|
          { name: budget.name.to_s, on: assignment(budget.column, budget.value, budget.line) }
        end
      end

      def assignments(part)
        part ? part.set.map { |name, value| assignment(name, value, part.line) } : []
      end

      def assignment(name, value, line)
        [@schema.columns.index(name), declared(name, value, line)]
      end
    end
    private_constant :Numbers
  end
end
