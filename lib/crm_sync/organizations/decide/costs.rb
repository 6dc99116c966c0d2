# frozen_string_literal: true

require_relative "../../sync/blank"

module CrmSync
  module Organizations
    # The budgets that a change counts against, from what it does alone. The core reckons them for a new plan; this does
    # it again where a part of a change is left alone, and for plans from files, whose own words about costs count for
    # nothing.
    module Costs
      class << self
        # @param action [Symbol]
        # @param before [Hash{Symbol => Object}]
        # @param after [Hash{Symbol => Object}]
        # @return [Array<Symbol>]
        def of(action, before, after)
          [(:mark if action == :mark), (:clear if action != :create && clears?(before, after))].compact
        end

        private

        # A checkbox that loses its check loses no value.
        def clears?(before, after)
          cleared = after.select { |name, value| Blank.blank?(value) && !Blank.blank?(before[name]) }
          cleared.any? { |name, _| ![true, false].include?(before[name]) }
        end
      end
    end
    private_constant :Costs
  end
end
