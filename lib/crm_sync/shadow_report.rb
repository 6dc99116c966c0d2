# frozen_string_literal: true

module CrmSync
  # The differences between an old routine and a sync, over one run or several.
  class ShadowReport
    # The time for which runs are kept, in seconds.
    KEPT_FOR = 14 * 86_400
    SHOWN = 10
    # Shown instead of the sync's value where the sync would leave the column alone.
    LEFT = "left as it was"
    private_constant :SHOWN, :LEFT

    # A record that the two treat differently: its key; the kind (+"not done"+: the old routine leaves the record alone,
    # and the sync would change it; +"done otherwise"+: both change it, with different results; +"theirs only"+: only
    # the old routine changes it); the action of the sync; the columns that differ, each with the old routine's value
    # and the sync's, which is nil where the sync would leave the column alone; and the reason.
    Difference = Struct.new(:key, :kind, :action, :moves, :reason, keyword_init: true)

    # @api private
    # @return [Array<Hash{String => Object}>] the runs: the time, and the numbers of equal and of different changes
    attr_reader :runs

    # @api private
    # @param runs [Array<Hash{String => Object}>] the runs, each with its time and numbers
    # @param rows [Array<Hash{String => Object}>] the differences, each with the time of its run, the newest first
    def initialize(sync_name, runs, rows)
      @sync_name = sync_name
      @runs = runs
      @rows = rows
    end

    # @return [Integer] the number of the sync's changes that the old routine made alike, and no others of the record
    def agreed
      runs.sum { |run| run["agreed"] }
    end

    # @return [Integer] the number of records that the two treat differently, each counted once for each run
    def differing
      runs.sum { |run| run["differing"] }
    end

    # @return [Array<CrmSync::ShadowReport::Difference>] the newest first, each record once; over several runs the
    #   latest 500
    def differences
      @rows.map { |row| Difference.new(**row.except("at").transform_keys(&:to_sym)) }
    end

    # @return [String] a table: the number of equal changes, and for each kind of difference the number and the first
    #   examples
    # @example
    #   puts UpdateUserSalesforceInfo.shadow_report
    def to_s
      counts = { run: runs.size, change: agreed, difference: differing }.map do |noun, count|
        Presentable.counted(count, noun.to_s)
      end
      head = format("%s beside the old routine: %s, %s alike, %s", @sync_name, *counts)
      [head, *differences.group_by(&:kind).sort.flat_map { |kind, found| lines(kind, found) }].join("\n")
    end

    # @return [String]
    def inspect
      "#<#{self.class.name} #{agreed} alike, #{differing} differences>"
    end

    private

    def lines(kind, found)
      more = ["    … #{Presentable.count(found.size - SHOWN)} more"] if found.size > SHOWN
      ["", "  #{kind}: #{Presentable.count(found.size)}", *found.first(SHOWN).map { |row| line(row) }, *more]
    end

    def line(row)
      moves = row.moves.map { |column, theirs, ours| "#{column}: #{theirs} (old), #{ours || LEFT} (new)" }.join("; ")
      "    #{[row.key, row.action, moves, "(#{row.reason})"].compact.reject(&:empty?).join("  ")}"
    end
  end
end
