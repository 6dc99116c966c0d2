# frozen_string_literal: true

module CrmSync
  class SyncHistory
    # Finds what is to be left alone, because of what happened to it:
    #
    # * A field is +:frozen+ when the last three changes of it all made it the same value, within 14 days: each time
    #   somebody else had changed it back.
    # * A field is +:undone+ when the last change of it was an undo.
    #
    # It is only ever left alone against the value that it got then: when the source asks for another one, the sync
    # writes again. It also ends with {Running#thaw}, and when the history forgets it.
    class RepeatGuard
      FLIPS = 3
      WITHIN = 14.days
      # Keys that are asked for at once.
      SLICE = 1_000
      # Actions of a person, and actions that change no field: neither speaks of another writer.
      NO_FLIP = %i[undo redo create].freeze
      private_constant :FLIPS, :WITHIN, :SLICE, :NO_FLIP

      # A field that is left alone. +value+ is the one that it does not get, +times+ are those of the changes that made
      # it so, and +run_id+ is the run of the last one.
      GuardedField = Struct.new(:kind, :column, :value, :times, :run_id)
      # The columns of a change that are needed.
      Row = Struct.new(:key, :action, :before, :after, :at, :run_id)
      private_constant :Row

      # @param history [CrmSync::SyncHistory]
      def initialize(history)
        @kept_as = history.kept_as
        @change_rows = history.change_rows
        @values = history.values
      end

      # Asks for these keys only, and nothing at all as long as there is no history.
      # @param keys [Array<Object>] of records
      # @return [Hash{String => Array<GuardedField>}] for each of them that has a field to be left alone
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

      # Most records have changed once or twice, and nobody undid it.
      def worth_a_look(keys)
        undone = "SUM(CASE WHEN #{@change_rows.connection.quote_column_name("action")} = 'undo' THEN 1 ELSE 0 END)"
        counts = all.where(record_key: keys).group(:record_key)
        counts.having("COUNT(*) >= #{FLIPS} OR #{undone} > 0").pluck(:record_key)
      end

      # The newest first.
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
