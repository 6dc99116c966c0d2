# frozen_string_literal: true

require_relative "../write/put_back_issues"
require_relative "answers"

module CrmSync
  module Contacts
    # Removes from a decision the columns that the app is known not to store as they are sent. A value that the app
    # rewrites is already stored as well as it can be. A value that the app puts back is not sent again until Salesforce
    # or the record has another value.
    class Answered
      # @return [Array<CrmSync::Contacts::Change>] the changes that are left
      attr_reader :changes

      # @param schema [CrmSync::Contacts::Schema]
      # @param changes [Array<CrmSync::Contacts::Change>] the changes of the decision
      def initialize(schema, changes)
        @schema = schema
        @known = Answers.new(schema).to(changes)
        left = @known.to_h { |change, columns| [change, change.without(columns.keys)] }
        @dropped = left.select { |_, rest| rest.nil? }.keys
        @changes = changes.filter_map { |change| left.fetch(change, change) }
      end

      # @return [Array<CrmSync::Issue>] issues about the values that the app puts back
      def issues
        refused = @known.transform_values { |columns| columns.select { |_, answer| answer.kind == Answers::PUT_BACK } }
        PutBackIssues.new(@schema).of(refused.transform_values { |columns| columns.transform_values(&:by) })
      end

      # @param ledger [CrmSync::Ledger] the ledger of the decision
      # @return [CrmSync::Ledger] the ledger with the users who are left alone for this reason in buckets of their own
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
