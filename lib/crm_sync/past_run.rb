# frozen_string_literal: true

require "json"
require_relative "history/undo"
require_relative "store/stored_name"

module CrmSync
  # A run as the history has it. Its changes are read when they are asked for.
  class PastRun
    # @return [Integer]
    attr_reader :id
    # @return [String] the sync's name
    attr_reader :sync
    # @return [String, nil] the part of the app that it was for, if the sync declares +partition+
    attr_reader :partition
    # @return [Symbol] a status of {Run#status}; +:running+; +:failed+, it raised; +:interrupted+, it was killed
    attr_reader :status
    # @return [Time]
    attr_reader :started_at
    # @return [Time, nil] nil while it runs; of one that was killed, when its last change was made
    attr_reader :finished_at
    # @return [String, nil] the error that it raised
    attr_reader :error
    # @return [String, nil] the plan's
    attr_reader :digest
    # @return [Hash{Symbol => Object}] the result of {Run#summary}; of a run that raised or was killed, what it had
    #   applied
    attr_reader :summary
    # @return [Hash{Symbol => Object}, nil] the result of {Ledger#to_h}
    attr_reader :ledger
    # @return [Integer, nil] the run that it undid
    attr_reader :undoes

    # @return [String, nil] the Zendesk instance that it wrote to
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

    # @return [Array<CrmSync::PastChange>] the changes that it made
    # @raise [CrmSync::ConfigurationError] when the app does not have the sync any more
    # @example
    #   UpdateUserSalesforceInfo.runs.first.changes.map(&:key)
    def changes
      values = sync_class.planner.past_values
      rows = ChangeRow.beside(values.model).where(run_id: id).order(:id)
      Database.uncached(values.model) { rows.map { |row| PastChange.of(row, values) } }
    end

    # Puts back what the run changed, where it still stands. A record of which any column is another one by now stays as
    # it is; the result's +stale+ tells which, and what stands there now. The consequences of the changes stay: see its
    # +issues+. The sync leaves alone what was put back until Salesforce says something else (see {Running#thaw}). An
    # undo is a run, and can be undone.
    #
    # @return [CrmSync::Run]
    # @raise [CrmSync::ConfigurationError] when there is no history, the app does not have the sync any more, that
    #   writes to another Zendesk instance now, or the run was one of another partition
    # @raise [CrmSync::RemoteError] when the organizations cannot be looked at
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
      "run #{id} of #{sync}, #{started_at.utc.iso8601}: #{what}"
    end

    # @return [String]
    def inspect
      "#<#{self.class.name} #{self}>"
    end

    # Returns what Rails makes JSON of, without its changes.
    # @return [Hash{String => Object}]
    def as_json(*)
      Confidential.plain(id:, sync:, status:, started_at:, finished_at:, error:, summary:, ledger:, undoes:)
    end

    private

    def instead
      "keep its id: CrmSync::History.run(id) has the run"
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
