# frozen_string_literal: true

require_relative "history/sync_history"
require_relative "past_run"

module CrmSync
  # The history of runs in the app's database: each run and each change that was made.
  class History
    # A run of the past.
    #
    # @param id [Integer] as {CrmSync::Run#id} has it
    # @param model [Class, nil] the model that is synced, where it has a database of its own
    # @return [CrmSync::PastRun]
    # @raise [CrmSync::ConfigurationError] where there is no history
    # @raise [ArgumentError] when there is no such run
    # @example
    #   CrmSync::History.run(12).undo!
    def self.run(id, model = nil)
      SyncHistory::NotInstalled.new(model).refuse unless SyncHistory.installed?(model)
      row = Database.uncached(model) { RunRow.beside(model).find_by(id:) }
      raise ArgumentError, "the history has no run #{id}; it may be too long ago" unless row

      PastRun.new(row)
    end
  end
end
