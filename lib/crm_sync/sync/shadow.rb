# frozen_string_literal: true

require_relative "../shadow_report"

module CrmSync
  # Runs the routine that a sync is to replace, and reports the differences between the two. The sync writes nothing: it
  # plans before and after the routine. A change that is planned before and not after has also been made by the old
  # routine; a change that is planned after shows a difference.
  class Shadow
    # The number of differences that are kept: the latest of each record, and the latest records. Every run reads and
    # writes all of them.
    KEPT = 500
    private_constant :KEPT

    # @param sync [Class]
    def initialize(sync)
      @sync = sync
      @state = State.of(sync.declaration)
    end

    # @param watch [#changed] returns, at the end, the records that somebody has changed in the meantime
    # @yield the old routine
    # @return [CrmSync::ShadowReport] the report of this run
    def run(watch)
      at = Time.now.utc.iso8601
      ours = planned
      yield
      left = planned
      differences = differences(ours, left, watch.changed, at)
      run = { "at" => at, "agreed" => (ours.keys - left.keys).size, "differing" => differences.size }
      keep(run, differences)
      ShadowReport.new(@sync.name, [run], differences)
    end

    # @param since [Time]
    # @return [CrmSync::ShadowReport] the report of all runs since then
    def report(since)
      ShadowReport.new(@sync.name, *%w[runs differences].map { |name| kept(name, since) })
    end

    private

    def planned
      @sync.plan.changes.to_h { |change| [change.key, change] }
    end

    def differences(ours, left, touched, at)
      found = left.map { |key, change| difference(change, ours[key]) }
      found += (touched - ours.keys - left.keys).map { |key| theirs_only(key) }
      found.map { |row| { "at" => at, **row } }
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

    def kept(name, since)
      @state.read("shadow").fetch(name, []).select { |row| Time.iso8601(row["at"]) >= since }
    end

    def keep(run, differences)
      since = Time.now - ShadowReport::KEPT_FOR
      latest = (differences + kept("differences", since)).uniq { |row| row["key"] }.first(KEPT)
      @state.write("shadow", "runs" => [*kept("runs", since), run], "differences" => latest)
    end
  end
  private_constant :Shadow
end
