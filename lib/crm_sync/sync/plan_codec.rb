# frozen_string_literal: true

require_relative "../notices/presentable"
require_relative "../plan/kept_form"

module CrmSync
  module Internal
    # Base class of the codecs that convert changes to the form of a plan file, and back. A change from a file is
    # checked against the declaration of today: it can write nothing that the declaration could not.
    #
    # Subclasses define +actions+ (the actions that a stored plan may have), +facts+ (the parts of a change beside its
    # values) and +plain+ (the values of a side for JSON). For the way back they define +form+ (the form of their
    # facts), +values+ (the values of a side from JSON), +check+ (further checks), +change+ (builds the change) and
    # +reckoned+ (all changes with their costs).
    class PlanCodec
      # The form of a stored change, beside the facts that only one kind of sync has.
      FORM = { "key" => KeptForm::KEY, "before" => Hash, "after" => Hash, "reason" => KeptForm::TEXT,
               "budgets" => [KeptForm::TEXT] }.freeze
      private_constant :FORM

      # @param change [CrmSync::Change]
      # @return [Hash{String => Object}] the change for JSON
      def dump(change)
        {
          "action" => change.action, "key" => change.key, **facts(change), "before" => plain(change.before),
          "after" => plain(change.after), "reason" => change.reason, "budgets" => change.budgets
        }
      end

      # @param rows [Enumerable<Hash{String => Object}>] the parsed JSON
      # @param header [CrmSync::PlanHeader]
      # @return [Array<CrmSync::Change>] the changes, with the costs that the declaration gives them; the costs in the
      #   file are ignored
      # @raise [CrmSync::StalePlan] when the changes are not those that were planned, or the declaration does not allow
      #   them
      def changes(rows, header)
        loaded = rows.map { |row| load(row, header.stale) }.to_a
        header.check_changes(loaded)
        reckoned(loaded)
      end

      # @param row [Hash{String => Object}] the parsed JSON
      # @param stale [Proc] raises an error with the problem
      # @return [CrmSync::Change] the change with the costs in the file, which are part of the digest
      def load(row, stale)
        stale.call("it has a change of an unknown kind") unless actions.include?(row["action"])
        check_form(row, stale)
        before, after = sides(row, stale)
        change(row, stale, action: row["action"].to_sym, key: row["key"], before:, after:, reason: row["reason"],
                           budgets: row["budgets"].map(&:to_sym))
      end

      private

      # Returns the values of both sides, which have been checked.
      def sides(row, stale)
        before, after = row.values_at("before", "after").map { |side| values(side, stale) }
        check(row, before, after, stale)
        told = row["action"] == "create" || before.keys == after.keys
        stale.call("it does not say what #{Presentable.text(row["key"])} was before") unless told
        [before, after]
      end

      def check_form(row, stale)
        way = KeptForm.misfit(FORM, row) || KeptForm.misfit(form, row) or return
        stale.call("it has a change (#{row["action"]}) without a proper #{Presentable.text(way.join("."))}")
      end
    end
  end
end
