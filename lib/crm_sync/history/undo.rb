# frozen_string_literal: true

require_relative "../plan/nothing_read"
require_relative "undo_writer"

module CrmSync
  class SyncHistory
    # Plans the undo of a run.
    class Undo
      # @param sync [Class]
      # @param run [CrmSync::PastRun]
      def initialize(sync, run)
        @sync = sync
        @run = run
        @planner = sync.planner
      end

      # @return [CrmSync::Plan]
      # @raise [CrmSync::ConfigurationError] when the run wrote to another place, or belongs to another partition
      def plan
        check_partition(@planner.partition)
        check_place(@planner.past_values.place)
        past = @run.changes
        undoing = @planner.undoing(@run.id)
        changes = past.to_h { |change| [inverse(change, undoing), change] }
        Plan.new(sync: @sync, changes: changes.keys, issues: issues(past, undoing), ledger: ledger(past.size),
                 context: context(undoing, UndoWriter.new(undoing, changes)))
      end

      private

      def context(undoing, writer)
        PlanContext.new(
          read: NothingRead, source_check: SourceCheck.new([], {}), writer:, history: undoing.history,
          budgets: Budgets.new(@sync.declaration, {}, @planner.spending), codec: @planner.codec, lock: @planner.lock,
          seconds: 0.0, whole: false, of_partition: @planner.partition
        )
      end

      def check_partition(partition)
        return if @run.partition == partition

        raise ConfigurationError, "run #{@run.id} is one of #{StoredName.told(@run.partition)}, and this is " \
                                  "#{StoredName.told(partition)}; undo it there"
      end

      def check_place(place)
        return if @run.place == place

        raise ConfigurationError, "run #{@run.id} wrote to #{@run.place}, and #{@sync.name} writes to #{place} now"
      end

      def inverse(change, undoing)
        undoing.change(
          change, action: change.action == :undo ? :redo : :undo, key: change.key, before: change.after,
                  after: change.before, reason: "undoes run #{@run.id}: #{change.reason}", budgets: []
        )
      end

      def ledger(count)
        Ledger.new(changes: Ledger::Book.new(rows: count, buckets: { undo: count }, notes: {}))
      end

      def issues(past, undoing)
        return [] if past.empty?

        [Issue.new(kind: :not_undone, message: "what followed the changes of run #{@run.id} stays: #{undoing.stays}")]
      end
    end
  end
end
