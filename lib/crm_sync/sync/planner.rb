# frozen_string_literal: true

require_relative "../notices/log"
require_relative "../plan"
require_relative "../plan/budgets"
require_relative "../plan/source_check"
require_relative "../store/lock"
require_relative "../store/stored_name"

module CrmSync
  module Internal
    # Base class of the planners: they use the history, leave alone what is to be left alone, and count budgets.
    # Subclasses define +past_values+, +org_host+, +memory+, +codec+, and +without+ (a change without some of its
    # columns).
    class Planner
      # @return [CrmSync::Lock] the lock that keeps two runs of the sync apart
      attr_reader :lock
      # @return [String, nil] the partition of the app that the plan is for
      attr_reader :partition

      # @param sync [Class]
      def initialize(sync)
        @sync = sync
        @declaration = sync.declaration.complete!
        @partition = @declaration.partition
        @log = Log.new(sync.name)
      end

      # @return [CrmSync::SyncHistory, CrmSync::SyncHistory::NotInstalled]
      def history
        @history ||= SyncHistory.of(kept_as, past_values, org: org_host)
      end

      # Returns the history if there is one, because it cannot be lost without the changes themselves.
      # @return [SyncHistory::Spent, CrmSync::SpendingBook] the amounts that were spent of the budgets
      def spending
        history.spending || memory.spending
      end

      # @param key [Object] the key of a record
      # @return [Array<Symbol>] the columns that are no longer left alone
      def thaw(key)
        history.thaw(key)
      end

      private

      # Returns the name under which the sync keeps its history; nil for a sync without a name, which cannot keep any.
      def kept_as
        @sync.name && StoredName.of(@sync.name, partition)
      end

      # Returns the plan of a file, if it belongs to this sync and place, and contains only changes that the declaration
      # of today could write. The block returns the current writer and budgets.
      def restored(header, rows, max_age)
        header.check(@sync.name, codec.origin, max_age)
        parts = { changes: codec.changes(rows, header), **header.parts }
        told = header.context(memory.sources)
        planned(filtered(**parts), **told, **yield(told[:source_check]))
      end

      # Returns a plan of these changes, issues and ledger.
      def planned(parts, **context)
        common = { codec:, history:, lock:, of_partition: partition }
        Plan.new(sync: @sync, **parts, context: PlanContext.new(**common, **context))
      end

      # Returns the parts of a plan without the changes and columns that are to be left alone.
      def filtered(changes:, issues:, ledger:)
        filter = history.filter(changes) { |change, columns| without(change, columns) }
        { changes: filter.changes, issues: issues + filter.issues, ledger: filter.books(ledger) }
      end

      def budgets(could_suffer)
        Budgets.new(@declaration, could_suffer, spending)
      end

      def check(sources, last = memory.sources, uncounted: [])
        SourceCheck.new(sources, last, uncounted:)
      end

      def clock
        Process.clock_gettime(Process::CLOCK_MONOTONIC)
      end
    end
  end
end
