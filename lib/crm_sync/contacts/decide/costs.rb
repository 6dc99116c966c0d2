# frozen_string_literal: true

require_relative "../read/numbers"

module CrmSync
  module Contacts
    # Has the core compute the costs of changes under the current declaration. The costs of a new plan are part of the
    # core's decision; this class is for plans from files, whose own costs are ignored.
    class Costs
      # Replaces a session that has read neither side, so that the rules contain no values.
      module NoValues
        class << self
          # @return [Array] empty
          def column_values(_column) = []
          alias source_values column_values

          # @return [Array] empty
          def lead_statuses = []
        end
      end
      # The number of changes whose costs are computed at once. In the form that the core takes, they need more memory
      # than the changes themselves.
      SLICE = 1_000
      private_constant :NoValues, :SLICE

      class << self
        # @param schema [CrmSync::Contacts::Schema]
        # @param costs [Array<Array(Integer, Symbol)>] the costs: each the number of a column, or nil for the link, and
        #   a budget
        # @return [Array<Array(Symbol, Symbol)>] the same costs in the form that a change has
        def named(schema, costs)
          costs.map { |column, budget| [budget, column ? schema.columns[column] : schema.link.name] }
        end
      end

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
      end

      # @param changes [Array<CrmSync::Contacts::Change>]
      # @return [Array<CrmSync::Contacts::Change>] the same changes, with their costs
      def reckoned(changes)
        changes.each_slice(SLICE).flat_map do |slice|
          kinds = slice.map { |change| kind(change) }
          costs = costs(kinds.uniq)
          slice.zip(kinds).map { |change, kind| change.costing(costs.fetch(kind)) }
        end
      end

      private

      # Returns everything that the costs of a change depend on. Most changes of a plan are of a few kinds.
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

      # Returns a kind of change in the form that the core takes.
      def row(action, has_contact, before, after, numbers)
        { action:, has_contact:, fields: fields(before, after, numbers) }
      end

      # Returns for each column that changes, except the link, the number of the column and the numbers of the values
      # before and after the change.
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
