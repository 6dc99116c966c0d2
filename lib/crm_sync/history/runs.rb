# frozen_string_literal: true

require "json"

module CrmSync
  class SyncHistory
    # The rows of runs: opened at the start of a run, and closed at its end.
    class Runs
      # @param sync_name [String]
      # @param run_rows [Class] the model of the runs
      # @param change_rows [Class] the model of the changes
      # @param org [String] the host of the Salesforce org that is read
      # @param place [String, nil] the place that is written to, if not the database of the history
      # @param undoes [Integer, nil] the id of the run that is undone
      # @param beside [Boolean] whether other runs may be in progress
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

      # Inserts a row by one statement, which is atomic by itself. In a transaction of the host, the statement has a
      # savepoint, so that the host can continue if it fails.
      # @return [Integer] the id of the new row
      def add(**columns)
        connection = Database.connection(@run_rows)
        return Database.retrying(@run_rows) { insert(columns) } unless connection.transaction_open?

        Database.transaction(connection) { insert(columns) }
      end

      # Opens a row. A row that is still open belongs to a killed run, or to somebody who writes beside this run; the
      # latter closes it again at the end.
      # @return [Integer] the id of the row
      def open(digest)
        @run_rows.where(sync: @sync_name, finished_at: nil).find_each { |row| close_killed(row) } unless @beside
        add(status: "running", started_at: Time.current, digest:)
      end

      # Closes the row of a run.
      # @param run [CrmSync::Run] a run that has ended
      def finish(id, run)
        update(id, status: run.status, finished_at: Time.current, summary: JSON.generate(run.summary),
                   ledger: JSON.generate(run.ledger.to_h))
      end

      # Closes the row of a run that raised an error.
      def fail(id, error)
        update(id, status: "failed", finished_at: Time.current, error: error.class.name,
                   summary: summary("failed", changes_of(id)))
      rescue StandardError => e
        # The connection is lost, or a transaction of the host has failed: the first error is the one that must be seen.
        Log.new(@sync_name).warn("the run's end could not be kept: #{e.class}")
      end

      # Inserts the row of a run that could not be planned.
      def unplanned(error, started_at)
        add(status: "failed", started_at:, finished_at: Time.current, error: error.class.name,
            summary: summary("failed", @change_rows.none))
      end

      private

      def insert(columns)
        row = { sync: @sync_name, **@sides, undoes: @undoes, **columns }
        sql = "INSERT INTO #{@run_rows.quoted_table_name} (#{row.keys.join(", ")}) VALUES (?)"
        insert_sql(@run_rows.sanitize_sql([sql, row.values]), "#{@run_rows.name} Create")
      end

      # Rails 8.2 deprecates the third argument. The keyword exists since 7.1, but did not return the value itself.
      def insert_sql(sql, name)
        connection = Database.connection(@run_rows)
        return connection.insert(sql, name, "id") if ActiveRecord.version < Gem::Version.new("8.2.0.alpha")

        connection.insert(sql, name, returning: "id")
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
        Database.retrying(@run_rows) { @run_rows.where(id:).update_all(columns) }
      end
    end
    private_constant :Runs
  end
end
