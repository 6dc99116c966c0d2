# frozen_string_literal: true

require_relative "../change"

module CrmSync
  module Contacts
    # A change of a decision: a place in {DecidedChanges}. A plan may have a hundred thousand of them, and only those
    # that are in use have their values in memory.
    class DecidedChange < Change
      class << self
        # Returns the name that an app may use, because where the values are kept is an internal detail.
        # @return [String]
        def name = superclass.name
        alias to_s name
        alias inspect name
      end

      # (see CrmSync::Change#budgets)
      attr_reader :budgets

      # @api private
      # @param decided [DecidedChanges]
      # @param place [Integer] the place of the change among them
      # @param budgets [Array<Symbol>]
      def initialize(decided, place, budgets) # rubocop:disable Lint/MissingSuper -- values come on demand
        @decided = decided
        @place = place
        @budgets = budgets
        freeze
      end

      # (see CrmSync::Change#action)
      def action = @decided.action(@place)

      # (see CrmSync::Change#key)
      def key = @decided.key(@place)

      # (see CrmSync::Contacts::Change#contact_id)
      def contact_id = @decided.contact_id(@place)

      # (see CrmSync::Contacts::Change#costs)
      def costs = @decided.costs(@place)

      # (see CrmSync::Change#before)
      def before = details.before

      # (see CrmSync::Change#after)
      def after = details.after

      # (see CrmSync::Change#reason)
      def reason = details.reason

      # (see CrmSync::Contacts::Change#basis)
      def basis = details.basis

      private

      def details = @decided.details(@place)
    end
    private_constant :DecidedChange
  end
end
