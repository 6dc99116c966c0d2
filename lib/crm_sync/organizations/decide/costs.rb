# frozen_string_literal: true

require_relative "../../sync/blank"

module CrmSync
  module Organizations
    # Determines the budgets that a change counts against, only from what the change does. The core does this for a new
    # plan. This module does it again if a part of a change is left alone, and for plans from files, whose own costs are
    # ignored.
    module Costs
      # Returns whether a value is lost; a checkbox that is unchecked loses none.
      def self.clears?(before, after)
        cleared = after.select { |name, value| Blank.blank?(value) && !Blank.blank?(before[name]) }
        cleared.any? { |name, _| ![true, false].include?(before[name]) }
      end
      private_class_method :clears?

      # The test of each budget, whether a change counts against it.
      BUDGETS = {
        mark: ->(action, _before, _after) { action == :mark },
        clear: ->(action, before, after) { action != :create && clears?(before, after) }
      }.freeze

      # @param action [Symbol]
      # @param before [Hash{Symbol => Object}]
      # @param after [Hash{Symbol => Object}]
      # @return [Array<Symbol>]
      def self.of(action, before, after)
        BUDGETS.select { |_, limits| limits.call(action, before, after) }.keys
      end
    end
    private_constant :Costs
  end
end
