# frozen_string_literal: true

module CrmSync
  class History
    # Deletes what is too old: the oldest first, a bounded number for each run, in statements of their own.
    class Retention
      BATCH = 1_000
      # Where the first run linked everybody, the run after +history_days+ days is not to pay for it alone.
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

      # Deletes rows, where no transaction of the host's would hold them locked.
      # @return [void]
      def prune
        return if @run_rows.connection.current_transaction.joinable?

        delete(@change_rows.where("created_at < ?", oldest)) and
          delete(@run_rows.where("started_at < ?", oldest).where.not(finished_at: nil))
      rescue ActiveRecord::StatementInvalid => e
        # What was done is done, and the next run deletes as well.
        Log.new("CrmSync::History").warn("what is too old could not be deleted: #{e.class}")
      end

      private

      def oldest
        Time.current - @days.days
      end

      # @return [Boolean] whether none is left
      def delete(rows)
        BATCHES.times do
          ids = rows.order(:id).limit(BATCH).ids
          rows.klass.where(id: ids).delete_all if ids.any?
          return true if ids.size < BATCH
        end
        false
      end
    end
    private_constant :Retention
  end
end
