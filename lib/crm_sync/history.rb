# frozen_string_literal: true

require_relative "history/sync_history"
require_relative "past_run"

module CrmSync
  # The history of runs in the app's database: one row for each run, and one for each change that was made.
  class History
    # Finds a past run.
    #
    # @param id [Integer] the id of the run (see {CrmSync::Run#id})
    # @param model [Class, nil] the synced model, if it has a database of its own
    # @return [CrmSync::PastRun]
    # @raise [CrmSync::ConfigurationError] where there is no history
    # @raise [ArgumentError] when the history has no such run
    # @example
    #   CrmSync::History.find(12).undo!
    def self.find(id, model = nil)
      SyncHistory::NotInstalled.new(model).refuse unless SyncHistory.installed?(model)
      row = Database.uncached(model) { RunRow.beside(model).find_by(id:) }
      raise ArgumentError, "the history has no run #{id}; it may be too long ago" unless row

      PastRun.new(row)
    end
  end
end
