# frozen_string_literal: true

require_relative "../write/put_back_issues"
require_relative "answers"
require_relative "costs"

module CrmSync
  module Contacts
    # The changes of a decision without what the host has answered already: what it rewrites stands there as well as it
    # can, and what it puts back is not tried again before either side says something else.
    class Answered
      # @return [Array<CrmSync::Contacts::Change>] what is left to do
      attr_reader :changes

      # @param schema [CrmSync::Contacts::Schema]
      # @param changes [Array<CrmSync::Contacts::Change>] what a decision wants
      def initialize(schema, changes)
        @schema = schema
        costs = Costs.new(schema)
        @known = Answers.new(schema).to(changes)
        left = @known.to_h { |change, columns| [change, costs.without(change, columns.keys)] }
        @dropped = left.select { |_, rest| rest.nil? }.keys
        @changes = changes.filter_map { |change| left.fetch(change, change) }
      end

      # @return [Array<CrmSync::Issue>] about what the host puts back
      def issues
        refused = @known.transform_values { |columns| columns.select { |_, answer| answer.kind == Answers::PUT_BACK } }
        PutBackIssues.new(@schema).of(refused.transform_values { |columns| columns.transform_values(&:by) })
      end

      # @param ledger [CrmSync::Ledger] of the decision
      # @return [CrmSync::Ledger] with those who are left alone for it in buckets of their own
      def books(ledger)
        return ledger if @known.empty?

        moves = @dropped.map { |change| [change.action, kind(change)] }.tally
        fields = @known.values.flat_map(&:values).map { |answer| :"#{answer.kind}_fields" }.tally
        planned = Ledger::Account.new(rows: changes.size, buckets: changes.map(&:action).tally,
                                      notes: { **ledger[:changes].notes, **fields })
        ledger.with_left_alone(moves, planned)
      end

      private

      def kind(change)
        kinds = @known[change].values.map(&:kind)
        kinds.include?(Answers::PUT_BACK) ? :put_back : :rewritten
      end
    end
    private_constant :Answered
  end
end
