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
          slice.zip(costs(slice)).map { |change, its| change.costing(self.class.named(@schema, its)) }
        end
      end

      private

      def costs(changes)
        numbers = Numbers.new(@schema)
        rows = changes.map { |change| row(change, numbers) }
        Native.contact_costs(numbers.rules(NoValues, nil, nil), rows)
      end

      # Returns a change for the core.
      def row(change, numbers)
        { action: change.action, has_contact: !change.contact_id.nil?, fields: fields(change, numbers) }
      end

      # Returns for each column that changes, except the link, its number and those of the values before and after.
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
