# frozen_string_literal: true

require_relative "../notices/confidential"

module CrmSync
  # Converts a run to JSON, and prevents it from being dumped.
  class Run
    # Returns the Hash that Rails converts to JSON. Values look as in {Change#to_s}, without e-mail addresses.
    #
    # @return [Hash{String => Object}] +id+, +status+, +summary+, +ledger+, the changes that were +applied+, +held+ and
    #   +stale+, +refusals+, +errors+, +issues+ and +duration+ (seconds)
    # @example
    #   run.as_json["status"] # => "applied"
    def as_json(*)
      {
        "id" => id, "status" => status.to_s, "summary" => Confidential.plain(summary), "ledger" => ledger.as_json,
        "applied" => applied.map(&:as_json), "held" => held.map(&:as_json),
        "stale" => stale.map { |change, why| { **change.as_json, "why" => why } },
        "refusals" => refusals.map(&:as_json), "errors" => errors.map(&:as_json), "issues" => issues.map(&:as_json),
        "duration" => duration
      }
    end

    private

    def instead = "keep as_json, or its id: CrmSync::History.find(id) has the run"
  end
end
