# frozen_string_literal: true

require_relative "shadow_report"

module CrmSync
  # Runs the routine that a sync is to take the place of, and tells where the two would differ. The sync writes nothing:
  # it plans before and after. What it planned before and does not plan after, the old routine has done as well; what it
  # plans after is where it would have come to something else.
  # @api private
  class Shadow
    # Differences that are kept of one run, so that a bad week does not fill the database.
    KEPT = 500
    private_constant :KEPT

    # @param sync [Class]
    def initialize(sync)
      @sync = sync
      @state = State.for(sync.name)
    end

    # @param watch [#changed] tells, at the end, which records somebody has changed meanwhile
    # @yield the old routine
    # @return [CrmSync::ShadowReport] of this run
    def run(watch)
      started = Time.now.utc.iso8601
      ours = planned
      yield
      report = ShadowReport.new(@sync.name, [{ "at" => started, **compare(ours, planned, watch.changed) }])
      keep(report)
      report
    end

    # @param since [Time]
    # @return [CrmSync::ShadowReport] of all runs since then
    def report(since)
      ShadowReport.new(@sync.name, runs.select { |run| Time.iso8601(run["at"]) >= since })
    end

    private

    def planned
      @sync.plan.changes.to_h { |change| [change.key, change] }
    end

    def compare(ours, left, touched)
      differences = left.map { |key, change| difference(change, ours[key]) }
      differences += (touched - ours.keys - left.keys).map { |key| theirs_only(key) }
      { "agreed" => (ours.keys - left.keys).size, "differing" => differences.size,
        "differences" => differences.first(KEPT) }
    end

    def difference(change, planned)
      kind = planned && planned.to_a == change.to_a ? "not done" : "done otherwise"
      { "key" => change.key.to_s, "kind" => kind, "action" => change.action.to_s, "reason" => change.reason,
        "moves" => change.moves.map { |column, *values| [column.to_s, *values] } }
    end

    def theirs_only(key)
      { "key" => key.to_s, "kind" => "theirs only", "action" => nil, "moves" => [],
        "reason" => "the old routine has changed it, and the sync would change nothing" }
    end

    def runs
      @state.read("shadow").fetch("runs", [])
    end

    def keep(report)
      recent = runs.select { |run| Time.iso8601(run["at"]) > Time.now - ShadowReport::KEPT_FOR }
      @state.write("shadow", "runs" => recent + report.runs)
    end
  end
end
