# frozen_string_literal: true

require_relative "../store/preemptible"
require_relative "repeat_issues"

module CrmSync
  class SyncHistory
    # Removes from the changes of a plan what is to be left alone (see {RepeatGuard}), and reports it.
    class RepeatFilter
      # @return [Array<CrmSync::Change>] the changes that remain
      attr_reader :changes

      # @param history [CrmSync::SyncHistory, nil] nil to keep all changes
      # @param changes [Array<CrmSync::Change>] the changes of a plan
      # @yieldparam change [CrmSync::Change]
      # @yieldparam columns [Array<Symbol>] the columns to leave alone
      # @yieldreturn [CrmSync::Change, nil] the change without the columns; nil if nothing useful remains
      def initialize(history, changes, &without)
        @history = history
        @hits = history ? hits(changes) : {}
        reduced = @hits.to_h { |change, fields| [change, without.call(change, fields.map(&:column))] }
        @dropped = reduced.select { |_, left| left.nil? }.keys
        @changes = changes.filter_map { |change| reduced.fetch(change, change) }
      end

      # @return [Hash{CrmSync::Change => String}] the changes with columns to be left alone, each with the reason
      def left_alone
        @hits.transform_values do |fields|
          field = fields.first
          "#{field.column} is #{field.kind} since run #{field.run_id}"
        end
      end

      # @return [Array<CrmSync::Issue>]
      def issues
        told = RepeatIssues.new(@history)
        frozen = @hits.flat_map { |change, fields| of(fields, :frozen).map { |field| told.frozen(change, field) } }
        undone = @hits.flat_map { |change, fields| of(fields, :undone).map { |field| [change, field] } }
        frozen + undone.group_by { |_, field| field.run_id }.map { |run_id, hits| told.undone(run_id, hits) }
      end

      # @param ledger [CrmSync::Ledger] the ledger of the decision
      # @return [CrmSync::Ledger] the ledger with the records that are left alone in buckets of their own
      def books(ledger)
        return ledger if @hits.empty?

        moves = @dropped.map { |change| [change.action, @hits[change].first.kind] }.tally
        ledger.with_left_alone(moves, changes, @hits.values.flatten.map(&:kind))
      end

      private

      # Finds the fields that stop a change. A creation overwrites nothing; an undo, and the undo of an undo, were asked
      # for by a person.
      def hits(changes)
        writing = changes.reject { |change| %i[create undo redo].include?(change.action) }
        return {} if writing.empty?

        fields = RepeatGuard.new(@history).of(writing.map(&:key))
        guarded = Preemptible.new(writing).select { |change| fields.key?(change.key.to_s) }
        guarded.to_h { |change| [change, effective(change, fields[change.key.to_s])] }.reject { |_, hits| hits.empty? }
      end

      def effective(change, fields)
        fields.select do |field|
          change.after.key?(field.column) &&
            stops?(field, change.key, change.after[field.column])
        end
      end

      # Compares the planned value with the one in the history, which may be the form into which the host has rewritten
      # it. A value that was undone and cannot be read any more stops any other, because it may be that one.
      def stops?(field, key, value)
        values = @history.values
        return true if values.unreadable?(field.value)

        values.same?(field.column, value, field.value) || values.rewritten?(key, field.column, value, field.value)
      end

      def of(fields, kind)
        fields.select { |field| field.kind == kind }
      end
    end
    private_constant :RepeatFilter
  end
end
