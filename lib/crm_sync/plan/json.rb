# frozen_string_literal: true

require_relative "../notices/confidential"

module CrmSync
  # Shows a plan to machines, and keeps it from being dumped.
  class Plan
    # Returns the plan in a form that Rails converts to JSON. Values are shown as in {#to_s}, without anybody's address;
    # {#save} keeps the whole plan.
    #
    # @return [Hash{String => Object}] the sync, the digest, +summary+, +refusals+, +ledger+, +changes+ and +issues+
    # @example
    #   plan.as_json["changes"].map { |change| change["key"] }
    def as_json(*)
      {
        "sync" => sync.name, "digest" => digest, "summary" => Confidential.plain(summary),
        "refusals" => refusals.map(&:as_json), "ledger" => ledger.as_json, "changes" => changes.map(&:as_json),
        "issues" => issues.map(&:as_json)
      }
    end

    private

    def instead
      "save and CrmSync::Plan.load keep a plan whole, in a file for its owner only"
    end
  end
end
