# frozen_string_literal: true

module CrmSync
  class History
    # What planners have in common: they know what happened before, and leave alone what is to be left alone. Each says
    # its +past_values+, and what a change is +without+ some columns.
    # @api private
    module Planning
      # @return [CrmSync::History, CrmSync::History::Absent]
      def history
        @history ||= History.of(@sync.name, past_values)
      end

      private

      # The parts of a plan without what is to be left alone.
      def braked(changes:, issues:, ledger:, **parts)
        braking = history.braking(changes) { |change, columns| without(change, columns) }
        { **parts, changes: braking.changes, issues: issues + braking.issues, ledger: braking.books(ledger) }
      end
    end
  end
end
