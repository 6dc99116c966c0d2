# frozen_string_literal: true

require "json"
require_relative "../plan/spending"

module CrmSync
  class SyncHistory
    # Counts what was spent of each budget in the last 24 hours, from the rows of changes. Such a row is inserted in the
    # transaction of its change, or before its change is sent to Zendesk, so that killed runs are counted as well, and
    # deleting the state makes no difference. The class has the interface of {SpendingBook}, which keeps a book of its
    # own where there is no history.
    class Spent
      # The outcome of changes that were sent to Zendesk, and of which it is not known whether they were written.
      SENT = "sent"
      NOTHING = "[]"
      private_constant :SENT, :NOTHING

      # @param runs [ActiveRecord::Relation] the runs of the sync between the same two sides
      # @param change_rows [Class] the model of the changes
      def initialize(runs, change_rows)
        @runs = runs
        @change_rows = change_rows
      end

      # @param planned [Array<CrmSync::Change>] all changes that are planned now
      # @return [Spending]
      def spending(planned)
        now = Time.now
        rows = recent(now)
        outcomes = rows.group(:outcome).count
        known = outcomes.except(SENT).any? ? known(rows.where.not(outcome: SENT), now) : Spending.new({}, now.to_i)
        outcomes.key?(SENT) ? known.plus(unheard(rows, planned), at: now.to_i) : known
      end

      # Records nothing, because the written changes are in the history.
      # @yieldreturn [Hash] the changes by outcome
      # @return [Hash] the result of the block
      def spend(_planned, _writing, whole:) # rubocop:disable Lint/UnusedMethodArgument -- the form of SpendingBook
        yield
      end

      private

      # Returns the rows of the window. Rows further in the future than the window are left out: they were written
      # before a clock was put back.
      def recent(now)
        rows = @change_rows.where(run_id: @runs.select(:id)).where.not(budgets: NOTHING)
        rows.where("created_at > ? AND created_at < ?", now - Spending::WINDOW, now + Spending::WINDOW)
      end

      def known(rows, now)
        counts = rows.group(:budgets).count
        first = rows.group(:budgets).minimum(:created_at)
        entries = counts.flat_map do |budgets, count|
          at = [first[budgets].to_i, now.to_i - Spending::WINDOW + 1].max
          names(budgets).map { |budget| [budget, [at, count]] }
        end
        Spending.new(entries.group_by(&:first).transform_values { |pairs| pairs.map(&:last) }, now.to_i)
      end

      # Counts sent changes, except those that are planned again: they were not made, and a run that makes them now
      # spends them then.
      def unheard(rows, planned)
        keys = planned.to_h { |change| [change.key.to_s, true] }
        sent = rows.where(outcome: SENT).pluck(:record_key, :budgets).reject { |key, _| keys[key] }
        sent.flat_map { |_, budgets| names(budgets) }.tally
      end

      def names(budgets)
        JSON.parse(budgets).map(&:to_sym)
      end
    end
    private_constant :Spent
  end
end
