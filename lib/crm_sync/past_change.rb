# frozen_string_literal: true

require_relative "change"

module CrmSync
  # A change that was made, as the history has recorded it.
  class PastChange < Change
    # @return [Time] the time at which the change was made
    attr_reader :at
    # @return [Integer, nil] the id of the run that made it
    attr_reader :run_id
    # @return [Symbol] +:applied+; or +:sent+, where it is not known whether, or which part of, the change was stored in
    #   Zendesk, for example because the run was killed before the answer came
    attr_reader :outcome
    # @return [Integer, nil] the organization's id, in an organization sync
    attr_reader :organization_id
    # @return [String, nil] the name of the organization at that time
    attr_reader :name
    # @api private
    # @return [Integer] the id of the row in the history
    attr_reader :id

    class << self
      # Builds a past change from its row.
      # @api private
      # @param row [CrmSync::ChangeRow]
      # @param values [Object] converts the stored values
      # @return [PastChange]
      def of(row, values)
        new(
          action: row.action.to_sym, key: values.key(row.record_key), reason: row.reason,
          before: values.load(JSON.parse(row.before)), after: values.load(JSON.parse(row.after)),
          budgets: JSON.parse(row.budgets).map(&:to_sym), id: row.id, run_id: row.run_id, at: row.created_at,
          outcome: row.outcome.to_sym, organization_id: row.organization_id, name: row.organization_name
        )
      end
    end

    # @api private
    def initialize(id:, run_id:, at:, outcome:, organization_id:, name:, **change)
      super(**change)
      @id = id
      @run_id = run_id
      @at = at
      @outcome = outcome
      @organization_id = organization_id
      @name = name
      freeze
    end

    # @return [String] one line, with the record's key, and the name of an organization
    def to_s
      line("#{action} #{Presentable.value(key)}", Presentable.text(name).presence)
    end

    # @api private
    # @return [String] one line that stands under its record, and does not name it
    def under_record
      line(action)
    end

    # Returns the Hash that Rails converts to JSON; see {Change#as_json}.
    # @return [Hash{String => Object}]
    def as_json(*)
      told = { "at" => at.getutc.iso8601, "run_id" => run_id, "outcome" => outcome.to_s }
      { **super, **told, "organization_id" => organization_id, "name" => (Presentable.text(name) if name) }
    end

    private

    def line(*what)
      moves = self.moves.map { |column, from, to| "#{column}: #{from} → #{to}" }.join(", ")
      sent = "sent, the answer is not known" if outcome == :sent
      run = "run #{run_id}" if run_id
      [at.getutc.iso8601, run, *what, sent, moves.presence, "(#{reason})"].compact.join("  ")
    end
  end
end
