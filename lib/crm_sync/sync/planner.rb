# frozen_string_literal: true

require_relative "../notices/log"
require_relative "../plan"
require_relative "../plan/budgets"
require_relative "../plan/source_check"
require_relative "../store/lock"
require_relative "../store/stored_name"

module CrmSync
  module Internal
    # Base of the planners: they know what happened before, leave alone what is to be left alone, and count
    # budgets. Each says its +past_values+, its +org_host+, its +memory+ and its +codec+, and what a change is +without+
    # some columns.
    class Planner
      # @return [CrmSync::Lock] the lock that keeps two runs of the sync apart
      attr_reader :lock
      # @return [String, nil] the part of the app that it plans for
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

      # The history is the book where there is one: it cannot be lost without the changes themselves.
      # @return [SyncHistory::Spent, CrmSync::SpendingBook] the amounts that were spent of the budgets
      def spending
        history.spending || memory.spending
      end

      # @param key [Object] of a record
      # @return [Array<Symbol>] the columns that are no longer left alone
      def thaw(key)
        history.thaw(key)
      end

      private

      # Returns the name under which it keeps what is its own; nil for a sync without a name, which can keep nothing.
      def kept_as
        @sync.name && StoredName.of(@sync.name, partition)
      end

      # Returns the plan of a file, if that is of this sync and place, and has only what the declaration of today could
      # write. The block gives the writer and the budgets of today.
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

      # The parts of a plan without what is to be left alone.
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
