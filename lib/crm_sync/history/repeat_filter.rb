# frozen_string_literal: true

require_relative "../store/preemptible"
require_relative "repeat_issues"

module CrmSync
  class SyncHistory
    # The changes of a plan without what is to be left alone, and what is to be said of that.
    class RepeatFilter
      # @return [Array<CrmSync::Change>] the changes that are still made
      attr_reader :changes

      # @param history [CrmSync::SyncHistory, nil]
      # @param changes [Array<CrmSync::Change>] the changes of a plan
      # @yieldparam change [CrmSync::Change]
      # @yieldparam columns [Array<Symbol>] the columns to leave alone
      # @yieldreturn [CrmSync::Change, nil] the change without them; nil where nothing is left that makes sense
      def initialize(history, changes, &without)
        @history = history
        @hits = history ? hits(changes) : {}
        reduced = @hits.to_h { |change, fields| [change, without.call(change, fields.map(&:column))] }
        @dropped = reduced.select { |_, left| left.nil? }.keys
        @changes = changes.filter_map { |change| reduced.fetch(change, change) }
      end

      # @return [Hash{CrmSync::Change => String}] the changes that have something to be left alone, with what happened
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

      # @param ledger [CrmSync::Ledger] of the decision
      # @return [CrmSync::Ledger] with the records that are left alone in a bucket of their own
      def books(ledger)
        return ledger if @hits.empty?

        moves = @dropped.map { |change| [change.action, @hits[change].first.kind] }.tally
        ledger.with_left_alone(moves, changes, @hits.values.flatten.map(&:kind))
      end

      private

      # A creation writes to nothing that is there; an undo, and the undo of one, are what somebody asks for.
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

      # Compares with the value that was sent: a host that rewrites has made another one of it.
      def stops?(field, key, value)
        values = @history.values
        values.same?(field.column, value, field.value) || values.rewritten?(key, field.column, value, field.value)
      end

      def of(fields, kind)
        fields.select { |field| field.kind == kind }
      end
    end
    private_constant :RepeatFilter
  end
end
