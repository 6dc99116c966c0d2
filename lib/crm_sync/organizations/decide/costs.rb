# frozen_string_literal: true

require_relative "../../sync/blank"

module CrmSync
  module Organizations
    # Determines the budgets that a change counts against, from what it does alone. The core does this for a new plan.
    # This module does it again if a part of a change is left alone, and for plans from files, whose own statements
    # about costs are ignored.
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

        # Returns whether a value is lost; a checkbox that loses its check loses none.
        def clears?(before, after)
          cleared = after.select { |name, value| Blank.blank?(value) && !Blank.blank?(before[name]) }
          cleared.any? { |name, _| ![true, false].include?(before[name]) }
        end
      end
    end
    private_constant :Costs
  end
end
