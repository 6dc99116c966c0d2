# frozen_string_literal: true

require_relative "../write/put_back_issues"
require_relative "answers"

module CrmSync
  module Contacts
    # Leaves out of a decision the changes that the host has answered already: a value that the host rewrites is as good
    # there as it can be, and a value that it puts back is not tried again before either side says something else.
    class Answered
      # @return [Array<CrmSync::Contacts::Change>] the changes that are left to do
      attr_reader :changes

      # @param schema [CrmSync::Contacts::Schema]
      # @param changes [Array<CrmSync::Contacts::Change>] the changes that a decision wants
      def initialize(schema, changes)
        @schema = schema
        @known = Answers.new(schema).to(changes)
        left = @known.to_h { |change, columns| [change, change.without(columns.keys)] }
        @dropped = left.select { |_, rest| rest.nil? }.keys
        @changes = changes.filter_map { |change| left.fetch(change, change) }
      end

      # @return [Array<CrmSync::Issue>] issues about the values that the host puts back
      def issues
        refused = @known.transform_values { |columns| columns.select { |_, answer| answer.kind == Answers::PUT_BACK } }
        PutBackIssues.new(@schema).of(refused.transform_values { |columns| columns.transform_values(&:by) })
      end

      # @param ledger [CrmSync::Ledger] of the decision
      # @return [CrmSync::Ledger] the ledger, with the users who are left alone for this in buckets of their own
      def books(ledger)
        return ledger if @known.empty?

        moves = @dropped.map { |change| [change.action, kind(change)] }.tally
        ledger.with_left_alone(moves, changes, @known.values.flat_map(&:values).map(&:kind))
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
