# frozen_string_literal: true

module CrmSync
  class SyncHistory
    # Finds the fields of records that are to be left alone, because of their history:
    #
    # * A field is +:frozen+ when its last three changes all set the same value, within 14 days: each time somebody else
    # had changed it back.
    # * A field is +:undone+ when its last change was an undo.
    #
    # A field is left alone only for the value that it got then: when the source has another value, the sync writes
    # again. It also writes again after {Running#thaw}, and when the history has deleted the changes.
    class RepeatGuard
      FLIPS = 3
      WITHIN = 14.days
      # The number of keys in one query.
      SLICE = 1_000
      # Actions of a person, and actions that change no existing field: they are no sign of another writer.
      NO_FLIP = %i[undo redo create].freeze
      private_constant :FLIPS, :WITHIN, :SLICE, :NO_FLIP

      # A field that is left alone. +value+ is the value that is not written, +times+ are the times of the changes that
      # are the reason, and +run_id+ is the run of the last of them.
      GuardedField = Struct.new(:kind, :column, :value, :times, :run_id)
      # The columns of a history row that are needed.
      Row = Struct.new(:key, :action, :before, :after, :at, :run_id)
      private_constant :Row

      # @param history [CrmSync::SyncHistory]
      def initialize(history)
        @kept_as = history.kept_as
        @change_rows = history.change_rows
        @values = history.values
      end

      # Reads the rows of these keys only, and none at all if the sync has no history yet.
      # @param keys [Array<Object>] the keys of records
      # @return [Hash{String => Array<GuardedField>}] the fields to be left alone, for each record that has any
      def of(keys)
        return {} unless all.exists?

        keys.each_slice(SLICE).map { |slice| fields(slice.map(&:to_s)) }.reduce({}, :merge)
      end

      private

      def all
        @change_rows.where(sync: @kept_as)
      end

      def fields(keys)
        found = rows(worth_a_look(keys)).group_by(&:key).transform_values { |rows| of_record(rows) }
        found.reject { |_, fields| fields.empty? }
      end

      # Returns the keys with enough changes or with an undo. Most records have been changed once or twice, and never
      # undone.
      def worth_a_look(keys)
        action = Database.connection(@change_rows).quote_column_name("action")
        undone = "SUM(CASE WHEN #{action} = 'undo' THEN 1 ELSE 0 END)"
        counts = all.where(record_key: keys).group(:record_key)
        counts.having("COUNT(*) >= #{FLIPS} OR #{undone} > 0").pluck(:record_key)
      end

      # Returns the rows, the newest first.
      def rows(keys)
        return [] if keys.empty?

        columns = %i[record_key action before after created_at run_id]
        all.where(record_key: keys).order(id: :desc).pluck(*columns).map do |key, action, *sides, at, run|
          before, after = sides.map { |side| @values.load(JSON.parse(side)) }
          Row.new(key, action.to_sym, before, after, at, run)
        end
      end

      def of_record(rows)
        rows = rows.take_while { |row| row.action != :thaw }
        rows.flat_map { |row| row.after.keys }.uniq.filter_map do |column|
          field(column, rows.select { |row| row.after.key?(column) })
        end
      end

      def field(column, rows)
        newest = rows.first
        if newest.action == :undo
          GuardedField.new(:undone, column, newest.before[column], [newest.at], newest.run_id)
        elsif flips?(column, rows.first(FLIPS))
          GuardedField.new(:frozen, column, newest.after[column], rows.first(FLIPS).map(&:at).reverse, newest.run_id)
        end
      end

      def flips?(column, rows)
        rows.size == FLIPS && rows.none? { |row| NO_FLIP.include?(row.action) } &&
          rows.first.at - rows.last.at <= WITHIN &&
          rows.all? { |row| @values.same?(column, row.after[column], rows.first.after[column]) }
      end
    end
    private_constant :RepeatGuard
  end
end
