# frozen_string_literal: true

module CrmSync
  class SyncHistory
    # Puts back the values that are still as a run has left them. For all other changes it reports the current state,
    # and since when it has been so.
    class UndoWriter
      # @param undoing [CrmSync::Contacts::Undoing, CrmSync::Organizations::Undoing]
      # @param past [Hash{CrmSync::Change => CrmSync::PastChange}] the past change that each change undoes
      def initialize(undoing, past)
        @undoing = undoing
        @past = past
        @values = undoing.history.values
      end

      # @raise [ArgumentError] when anything is allowed: an undo has no budgets
      def check(allow)
        raise ArgumentError, "an undo has no budgets and sources" if allow.any?
      end

      # @param changes [Array<CrmSync::Change>]
      # @return [Hash] the changes by outcome: +applied+, +stale+, +errors+
      def write(changes)
        refused = changes.to_h { |change| [change, refusal(change)] }.compact
        outcome = @undoing.writer.write(changes - refused.keys)
        # Reports changes that somebody has made already as stale: whoever undoes a run wants to know who was faster.
        done = outcome.fetch(:done, []).to_h { |change| [change, "it is so already"] }
        moved = { **outcome[:stale], **done }.to_h { |change, why| [change, "#{why}, #{since(change)}"] }
        { **outcome, stale: { **refused, **moved }, done: [] }
      end

      private

      # Returns the reason why a change cannot be undone, or nil. An undo can write nothing that the declaration could
      # not.
      def refusal(change)
        return "organization #{@past[change].organization_id} was created, and stays" if @past[change].action == :create

        foreign = change.after.keys.find { |column| !@undoing.columns.include?(column) }
        return "the declaration does not write #{foreign} any more" if foreign

        lost, value = change.after.find { |_, found| !@values.kept?(found) }
        "the value of #{lost} #{@values.unreadable?(value) ? "cannot be read any more" : "was not kept"}" if lost
      end

      def since(change)
        names = change.after.keys.map(&:to_s)
        row = later(change).find { |touching| (JSON.parse(touching.after).keys & names).any? }
        return "not by this sync, after #{@past[change].at.getutc.iso8601}" unless row

        "by run #{row.run_id} (#{row.action}) at #{row.created_at.getutc.iso8601}, or later"
      end

      def later(change)
        history = @undoing.history
        rows = history.change_rows.where(sync: history.kept_as, record_key: change.key.to_s)
        rows.where("id > ?", @past[change].id).order(id: :desc)
      end
    end
    private_constant :UndoWriter
  end
end
