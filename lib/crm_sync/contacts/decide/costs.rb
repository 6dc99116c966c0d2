# frozen_string_literal: true

require_relative "../read/numbers"

module CrmSync
  module Contacts
    # Asks the core what changes cost under the declaration of today. The core says it of a new plan unasked; this class
    # asks for plans from files, whose own statements about costs are ignored.
    class Costs
      # Stands in for a session that has read neither side, so that the rules speak of no values.
      module NoValues
        class << self
          # @return [Array] empty
          def column_values(_column) = []
          alias source_values column_values

          # @return [Array] empty
          def lead_statuses = []
        end
      end
      # Number of changes that are asked for at once: they take more memory for the core than by themselves.
      SLICE = 1_000
      private_constant :NoValues, :SLICE

      class << self
        # @param schema [CrmSync::Contacts::Schema]
        # @param costs [Array<Array(Integer, Symbol)>] the number of a column, nil for the link, and a budget
        # @return [Array<Array(Symbol, Symbol)>] the same as a change has them
        def named(schema, costs)
          costs.map { |column, budget| [budget, column ? schema.columns[column] : schema.link.name] }
        end
      end

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
      end

      # @param changes [Array<CrmSync::Contacts::Change>]
      # @return [Array<CrmSync::Contacts::Change>] the same changes, with what they cost
      def reckoned(changes)
        changes.each_slice(SLICE).flat_map do |slice|
          kinds = slice.map { |change| kind(change) }
          costs = costs(kinds.uniq)
          slice.zip(kinds).map { |change, kind| change.costing(costs.fetch(kind)) }
        end
      end

      private

      # Returns what the costs of a change depend on: most changes of a plan have the same few.
      def kind(change)
        sides = [change.before, change.after].map { |side| side.except(@schema.link.name) }
        [change.action, !change.contact_id.nil?, *sides]
      end

      # Returns the costs by kind.
      def costs(kinds)
        numbers = Numbers.new(@schema)
        rows = kinds.map { |kind| row(*kind, numbers) }
        costs = Native.contact_costs(numbers.rules(NoValues, nil, nil), rows)
        kinds.zip(costs.map { |its| self.class.named(@schema, its) }).to_h
      end

      # Returns a kind of change for the core.
      def row(action, has_contact, before, after, numbers)
        { action:, has_contact:, fields: fields(before, after, numbers) }
      end

      # Returns for each column that changes its number and those of the values before and after.
      def fields(before, after, numbers)
        (after.keys & @schema.columns).map do |name|
          column = @schema.columns.index(name)
          { column:, before: numbers.number(column, before[name]), after: numbers.number(column, after[name]) }
        end
      end
    end
    private_constant :Costs
  end
end
