# frozen_string_literal: true

require_relative "../read/unreadable_value"

module CrmSync
  module Contacts
    # Removes from a decision the columns whose value the model cannot read. They stay as they are: what cannot be read
    # is not known to be wrong, and the model could not save it.
    class UnreadableColumns
      # The bucket of users for whom nothing else is to be done, and the name of the columns in the notes.
      KIND = :unreadable_value
      private_constant :KIND

      # @return [Array<CrmSync::Contacts::Change>] the changes that are left
      attr_reader :changes

      # @param decision [Decision]
      # @param changes [Array<CrmSync::Contacts::Change>] the changes that are left of the decision
      def initialize(decision, changes)
        @found = decision.unreadable? ? found(changes) : {}
        left = @found.to_h { |change, columns| [change, change.without(columns.keys)] }
        @dropped = left.select { |_, rest| rest.nil? }.keys
        @changes = changes.filter_map { |change| left.fetch(change, change) }
      end

      # @return [Array<CrmSync::Issue>] one for each column and error
      def issues
        rows = @found.flat_map { |change, columns| columns.map { |column, value| [[column, value.error], change.key] } }
        rows.group_by(&:first).map { |(column, error), found| issue(column, error, found.map(&:last)) }
      end

      # @param ledger [CrmSync::Ledger] the ledger of the decision
      # @return [CrmSync::Ledger] the ledger with the users who are left alone for this reason in a bucket of their own
      def books(ledger)
        return ledger if @found.empty?

        moves = @dropped.map { |change| [change.action, KIND] }.tally
        ledger.with_left_alone(moves, changes, @found.values.flat_map(&:keys).map { KIND })
      end

      private

      def found(changes)
        Preemptible.new(changes).to_h { |change| [change, unreadable(change)] }.reject { |_, columns| columns.empty? }
      end

      def unreadable(change) = change.before.select { |_, value| value.is_a?(UnreadableValue) }

      def issue(column, error, keys)
        message = "the model cannot read #{column} of #{Presentable.named("user", keys)} (#{error}), so it stays as " \
                  "it is; correct it in the database, or give the app the key with which it was encrypted"
        Issue.new(kind: :unreadable_value, message:, users: keys)
      end
    end
    private_constant :UnreadableColumns
  end
end
