# frozen_string_literal: true

require "json"

module CrmSync
  class SyncHistory
    # The rows of runs: opened at their begin, closed at their end.
    class Runs
      # @param sync_name [String]
      # @param run_rows [Class] the model of the runs
      # @param change_rows [Class] the model of the changes
      # @param org [String] the host of the Salesforce org that it reads
      # @param place [String, nil] the place that it writes to, if not that of the history
      # @param undoes [Integer, nil] the run that is undone
      # @param beside [Boolean] whether others may be under way
      def initialize(sync_name, run_rows, change_rows, org:, place:, undoes:, beside:)
        @sync_name = sync_name
        @run_rows = run_rows
        @change_rows = change_rows
        @sides = { org:, place: }
        @undoes = undoes
        @beside = beside
      end

      # @return [Spent] the amounts that the runs between the same two sides have spent
      def spending
        Spent.new(@run_rows.where(sync: @sync_name, **@sides), @change_rows)
      end

      # By one statement, which is all or nothing by itself. In a transaction of the host's it has a savepoint, so that
      # the host can go on if it fails.
      # @return [Integer] the new row's id
      def add(**columns)
        connection = @run_rows.connection
        connection.transaction_open? ? Database.transaction(connection) { insert(columns) } : insert(columns)
      end

      # Opens a row. One that is still open is a killed run's, or that of somebody who writes beside this run, and who
      # closes it once more in the end.
      # @return [Integer] the row's id
      def open(digest)
        @run_rows.where(sync: @sync_name, finished_at: nil).find_each { |row| close_killed(row) } unless @beside
        add(status: "running", started_at: Time.current, digest:)
      end

      # @param run [CrmSync::Run] that came to its end
      def finish(id, run)
        update(id, status: run.status, finished_at: Time.current, summary: JSON.generate(run.summary),
                   ledger: JSON.generate(run.ledger.to_h))
      end

      # Closes the row of a run that raised.
      def fail(id, error)
        update(id, status: "failed", finished_at: Time.current, error: error.class.name,
                   summary: summary("failed", changes_of(id)))
      rescue StandardError => e
        # The connection is lost, or a transaction of the host's has failed: the first error is the one to be seen.
        Log.new(@sync_name).warn("the run's end could not be kept: #{e.class}")
      end

      # A run that came to no plan.
      def unplanned(error, started_at)
        add(status: "failed", started_at:, finished_at: Time.current, error: error.class.name,
            summary: summary("failed", @change_rows.none))
      end

      # @return [Array<CrmSync::PastRun>] the newest first
      def last(limit)
        @run_rows.where(sync: @sync_name).order(id: :desc).limit(limit).map { |row| PastRun.new(row) }
      end

      private

      def insert(columns)
        row = { sync: @sync_name, **@sides, undoes: @undoes, **columns }
        sql = "INSERT INTO #{@run_rows.quoted_table_name} (#{row.keys.join(", ")}) VALUES (?)"
        @run_rows.connection.insert(@run_rows.sanitize_sql([sql, row.values]), "#{@run_rows.name} Create", "id")
      end

      def close_killed(row)
        changes = changes_of(row.id)
        update(row.id, status: "interrupted", summary: summary("interrupted", changes),
                       finished_at: changes.maximum(:created_at) || row.started_at)
      end

      def changes_of(id)
        @change_rows.where(run_id: id)
      end

      def summary(status, changes)
        JSON.generate(status:, applied: changes.group(:action).count)
      end

      def update(id, **columns)
        @run_rows.where(id:).update_all(columns)
      end
    end
    private_constant :Runs
  end
end
