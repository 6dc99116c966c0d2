# frozen_string_literal: true

module CrmSync
  class SyncHistory
    # Deletes old rows: the oldest first, a limited number in each run, in statements of their own.
    class Retention
      BATCH = 1_000
      # The maximum number of batches in one run. If the first run linked everybody, the run after +history_days+ days
      # does not have to delete all of those rows alone.
      BATCHES = 20
      private_constant :BATCH, :BATCHES

      # @param days [Integer]
      # @param run_rows [Class] the model of the runs
      # @param change_rows [Class] the model of the changes
      def initialize(days, run_rows, change_rows)
        @days = days
        @run_rows = run_rows
        @change_rows = change_rows
      end

      # Deletes old rows, unless the host has an open transaction, in which they would stay locked.
      # @return [void]
      def prune
        return if Database.connection(@run_rows).current_transaction.joinable?

        rows = { created_at: @change_rows.where("created_at < ?", oldest),
                 started_at: @run_rows.where("started_at < ?", oldest).where.not(finished_at: nil) }
        rows.all? { |age, old| delete(old, age) } if any?(rows.values)
      rescue ActiveRecord::StatementInvalid => e
        # The deleted rows stay deleted, and the next run continues.
        Log.new("CrmSync::History").warn("what is too old could not be deleted: #{e.class}")
      end

      private

      def oldest
        Time.current - @days.days
      end

      # Checks both tables with one query, because mostly neither has old rows.
      def any?(rows)
        found = rows.map { |old| "EXISTS (#{old.to_sql})" }
        Database.connection(@run_rows).select_value("SELECT 1 WHERE #{found.join(" OR ")}")
      end

      # Deletes rows in the order of the index by which they are found. In the order of their ids, PostgreSQL reads the
      # whole table for a last batch that is not full.
      # @param age [Symbol] the column with the time of a row
      # @return [Boolean] whether no old rows are left
      def delete(rows, age)
        BATCHES.times do
          ids = rows.order(age).limit(BATCH).ids
          rows.klass.where(id: ids).delete_all if ids.any?
          return true if ids.size < BATCH
        end
        false
      end
    end
    private_constant :Retention
  end
end
