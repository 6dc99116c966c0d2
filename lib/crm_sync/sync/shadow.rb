# frozen_string_literal: true

require_relative "../shadow_report"
require_relative "shadowed_record"

module CrmSync
  # Runs the routine that a sync is to replace, and reports the differences between the two. The sync writes nothing: it
  # plans before and after the routine. A change that is planned before and not after has also been made by the old
  # routine, if its columns now have its values; a change that is planned after shows a difference, and so does a column
  # that the old routine has changed and neither plan would.
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

    # @param watch [#changed, #same?] knows, at the end, what somebody has changed in the meantime
    # @yield the old routine
    # @return [CrmSync::ShadowReport] the report of this run
    def run(watch)
      at = Time.now.utc.iso8601
      ours = planned
      yield
      left = planned
      differences = differences(ours, left, watch).map { |row| { "at" => at, **row } }
      agreed = ours.each_key.map(&:to_s) - differences.map { |row| row["key"] }
      run = { "at" => at, "agreed" => agreed.size, "differing" => differences.size }
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

    def differences(ours, left, watch)
      changed = watch.changed
      (left.keys | ours.keys | changed.keys).filter_map do |key|
        sides = { planned: ours[key], left: left[key], became: changed.fetch(key, {}) }
        ShadowedRecord.new(key, **sides, watch:).difference
      end
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
