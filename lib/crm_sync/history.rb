# frozen_string_literal: true

require_relative "history/sync_history"
require_relative "past_run"

module CrmSync
  # The history of runs in the app's database: one row for each run, and one for each change that was made.
  class History
    class << self
      # Finds a past run.
      #
      # @param id [Integer] the id of the run (see {CrmSync::Run#id})
      # @param model [Class, nil] the synced model, if it has a database of its own
      # @return [CrmSync::PastRun]
      # @raise [CrmSync::ConfigurationError] where there is no history
      # @raise [ArgumentError] when the history has no such run
      # @example
      #   CrmSync::History.find(12).undo!
      def find(id, model = nil)
        row = Database.uncached(model) { rows(model).find_by(id:) }
        raise ArgumentError, "the history has no run #{id}; it may be too long ago" unless row

        PastRun.new(row)
      end

      # @api private
      # @param kept_as [String] the name under which the sync keeps its data
      # @param limit [Integer]
      # @param model [Class, nil]
      # @return [Array<CrmSync::PastRun>] the last runs of a sync, the newest first
      # @raise [CrmSync::ConfigurationError] where there is no history
      def last(kept_as, limit, model)
        Database.uncached(model) do
          rows(model).where(sync: kept_as).order(id: :desc).limit(limit).map { |row| PastRun.new(row) }
        end
      end

      private

      def rows(model)
        SyncHistory::NotInstalled.new(model).refuse unless SyncHistory.installed?(model)
        RunRow.beside(model)
      end
    end
  end
end
