# frozen_string_literal: true

require "json"
require_relative "history/undo"
require_relative "store/stored_name"

module CrmSync
  # A past run, as the history has recorded it. Its changes are loaded on request.
  class PastRun
    # @return [Integer]
    attr_reader :id
    # @return [String] the name of the sync
    attr_reader :sync
    # @return [String, nil] the partition of the app that the run was for, if the sync declares +partition+
    attr_reader :partition
    # @return [Symbol] a status of {Run#status}; or +:running+, +:failed+ (the run raised an error) or +:interrupted+
    #   (it was killed)
    attr_reader :status
    # @return [Time]
    attr_reader :started_at
    # @return [Time, nil] the end of the run; nil while it runs; for a killed run the time of its last change, or of its
    #   start if it made none
    attr_reader :finished_at
    # @return [String, nil] the class of the error that the run raised
    attr_reader :error
    # @return [String, nil] the digest of the plan
    attr_reader :digest
    # @return [Hash{Symbol => Object}] the result of {Run#summary}; for a run that raised or was killed, its status and
    #   the changes that it had applied
    attr_reader :summary
    # @return [Hash{Symbol => Object}, nil] the result of {Ledger#to_h}
    attr_reader :ledger
    # @return [Integer, nil] the id of the run that this run undid
    attr_reader :undoes

    # @return [String, nil] the Zendesk instance that the run wrote to
    attr_reader :place

    # @api private
    def initialize(row)
      @id = row.id
      @sync, @partition = StoredName.parts(row.sync)
      @status = row.status.to_sym
      @started_at = row.started_at
      @finished_at = row.finished_at
      @error = row.error
      @digest = row.digest
      @summary = parsed(row.summary) || {}
      @ledger = parsed(row.ledger)
      @undoes = row.undoes
      @place = row.place
      freeze
    end

    # @return [Array<CrmSync::PastChange>] the changes that the run made
    # @raise [CrmSync::ConfigurationError] when the app no longer has the sync
    # @example
    #   UpdateUserSalesforceInfo.runs.first.changes.map(&:key)
    def changes
      Database.uncached(sync_class.declaration.home) do
        values = sync_class.planner.past_values
        rows = ChangeRow.beside(values.model).where(run_id: id).order(:id)
        rows.map { |row| PastChange.of(row, values) }
      end
    end

    # Puts back the values that the run changed, where they are still the run's. If any of these columns of a record has
    # another value by now, the whole record stays as it is; +stale+ of the result names these records and their current
    # state. The consequences of the changes are not undone: see +issues+ of the result. The sync leaves the restored
    # values alone until Salesforce has another value (see {Running#thaw}). An undo is a run, and can be undone itself.
    #
    # @return [CrmSync::Run]
    # @raise [CrmSync::ConfigurationError] when there is no history, when the app no longer has the sync, when the sync
    #   now writes to another Zendesk instance, or when the current partition is not the run's
    # @raise [CrmSync::RemoteError] when the organizations cannot be read
    # @example
    #   run = UpdateUserSalesforceInfo.runs.first.undo!
    #   puts run, run.problems
    def undo!
      Database.protect(sync_class.declaration.home) { SyncHistory::Undo.new(sync_class, self).plan.carry_out({}) }
    end

    # @return [String] one line
    def to_s
      outcome = [summary[:applied]&.map { |action, count| "#{Presentable.count(count)} #{action}" }, error]
      what = ["#{status}#{" the undo of run #{undoes}" if undoes}", *outcome.flatten.compact].join(", ")
      "run #{id} of #{sync}, #{started_at.getutc.iso8601}: #{what}"
    end

    # @return [String]
    def inspect
      "#<#{self.class.name} #{self}>"
    end

    # Returns the Hash that Rails converts to JSON, without the changes.
    # @return [Hash{String => Object}]
    def as_json(*)
      Confidential.plain(id:, sync:, status:, started_at:, finished_at:, error:, summary:, ledger:, undoes:)
    end

    private

    def instead
      "keep its id: CrmSync::History.find(id) has the run"
    end

    def parsed(text)
      JSON.parse(text, symbolize_names: true) if text
    end

    def sync_class
      found = sync.safe_constantize
      return found if found.is_a?(Class) && found.respond_to?(:planner)

      raise ConfigurationError, "the run #{id} is one of #{sync}, which this app does not have any more"
    end
  end
end
