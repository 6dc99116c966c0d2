# frozen_string_literal: true

module CrmSync
  module Organizations
    # Records in the history the changes that are sent to Zendesk, and their results.
    #
    # Changes are recorded before they are sent, because a run that is killed does not receive the answer. The row stays
    # as it is if the result is not known, or only a part was written. Creations are recorded when the organizations
    # exist.
    class JobLog
      # @param history [CrmSync::SyncHistory]
      # @param changes [Array<CrmSync::Organizations::Change>]
      def initialize(history, changes)
        @history = history
        @history.record(changes.reject { |change| change.action == :create }, outcome: :sent)
      end

      # @param ends [Array<Array(CrmSync::Organizations::Change, CrmSync::Native::Finished)>] the changes that have
      #   ended, each with its result
      def settle(ends)
        by_end = ends.group_by { |_, item| item.partial? ? :partial : item.outcome }
        done = by_end.fetch(:done, []).to_h.transform_values(&:id)
        created, changed = done.keys.partition { |change| change.action == :create }
        @history.record(created, organizations: done)
        refused = by_end.values_at(:refused, :not_tried).compact.flatten(1)
        @history.settle(applied: changed, refused: refused.map(&:first))
      end
    end
    private_constant :JobLog
  end
end
