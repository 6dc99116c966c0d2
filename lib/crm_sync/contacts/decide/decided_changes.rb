# frozen_string_literal: true

require_relative "../../store/preemptible"
require_relative "../write/premises"
require_relative "costs"
require_relative "decided_change"

module CrmSync
  module Contacts
    # The changes of a decision. The core keeps them, in a fraction of the memory that Ruby objects would take. The
    # numbers of a change are turned into values when somebody asks for them.
    class DecidedChanges
      LINKING = %i[link relink unlink].freeze
      # The number of changes whose values are cached: more than a batch has, because a batch asks for them many times.
      # Up to twice as many are cached, so that old ones are dropped all at once.
      RECENT = 1_000
      private_constant :LINKING, :RECENT

      # The parts of a change that take memory: the values, the reason, and the values of its premises.
      Details = Struct.new(:before, :after, :reason, :basis)

      # @param schema [CrmSync::Contacts::Schema]
      # @param numbers [Numbers] the meaning of the core's numbers
      # @param core [CrmSync::Native::ContactChanges]
      def initialize(schema, numbers, core)
        @schema = schema
        @numbers = numbers
        @core = core
        @premises = Premises.new(schema)
        @references = schema.references
        @budgets = {}
        @sides = {}
        @values = {}
        @recent = @earlier = {}
      end

      # @return [Array<DecidedChange>] all changes, in the order of the keys
      def to_a
        Preemptible.new(0...@core.size).map { |place| DecidedChange.new(self, place, budgets(place)) }
      end

      # @param place [Integer] the place of a change
      # @return [Symbol] the action of the change
      def action(place) = @core.action(place)

      # @param place (see #action)
      # @return [Integer, String] the key of the change's record
      def key(place) = @core.key(place)

      # @param place (see #action)
      # @return [String, nil] the contact that the change's record has afterwards
      def contact_id(place) = @core.contact(place)

      # @param place (see #action)
      # @return (see Costs.named)
      def costs(place) = Costs.named(@schema, @core.costs(place))

      # @param place (see #action)
      # @return [Details]
      def details(place)
        @recent[place] || keep(place, @earlier[place] || spelled_out(place))
      end

      private

      # Returns one object for all equal lists of budgets, because there are few different ones.
      def budgets(place)
        budgets = @core.budgets(place)
        @budgets.fetch(budgets) { @budgets[budgets] = budgets.freeze }
      end

      def keep(place, details)
        forget if @recent.size >= RECENT
        @recent[place] = details
      end

      def forget
        @earlier = @recent
        @recent = {}
        @sides = {}
        @values = {}
      end

      def spelled_out(place)
        row = @core.details(place)
        linking = LINKING.include?(action(place))
        before = before(linking, row)
        after = side(linking, contact_id(place), row[:columns], row[:after])
        Details.new(before, after, row[:reason].freeze, @premises.basis(row, references(row))).freeze
      end

      # Returns one object for all recent sides that are equal, because most have few different values.
      def before(linking, row)
        asked = [linking, *row.values_at(:link, :columns, :before)]
        @sides.fetch(asked) { @sides[asked] = side(linking, *asked.drop(1)) }
      end

      # Returns a side of a change. If the change gives or takes a contact, the link comes first.
      def side(linking, link, columns, numbers)
        linking ? { @schema.link.name => link, **values(columns, numbers) }.freeze : values(columns, numbers)
      end

      # Returns one object for all recent values that are equal.
      def values(columns, numbers)
        asked = [columns, numbers]
        @values.fetch(asked) do
          @values[asked] = columns.zip(numbers).to_h do |column, number|
            [@schema.columns[column], @numbers.value(column, number)]
          end.freeze
        end
      end

      # Returns for each reference that is written the Salesforce value that leads to the row.
      def references(row)
        return if @references.empty?

        names = row[:columns].map { |column| @schema.columns[column] }
        found = names.zip(row[:after]).to_h { |name, number| [name, @numbers.outcomes.source(name, number)] }
        found.compact.presence
      end
    end
    private_constant :DecidedChanges
  end
end
