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
          slice.zip(costs(slice)).map { |change, its| change.costing(self.class.named(@schema, its)) }
        end
      end

      private

      def costs(changes)
        numbers = Numbers.new(@schema)
        rows = changes.map { |change| row(change, numbers) }
        Native.contact_costs(numbers.rules(NoValues, nil, nil), rows)
      end

      # Returns a change in the form that the core takes.
      def row(change, numbers)
        { action: change.action, has_contact: !change.contact_id.nil?, fields: fields(change, numbers) }
      end

      # Returns for each column that changes, except the link, the number of the column and the numbers of the values
      # before and after the change.
      def fields(change, numbers)
        (change.after.keys & @schema.columns).map do |name|
          column = @schema.columns.index(name)
          before, after = [change.before, change.after].map { |side| numbers.number(column, side[name]) }
          { column:, before:, after: }
        end
      end
    end
    private_constant :Costs
  end
end
