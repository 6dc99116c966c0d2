# frozen_string_literal: true

require_relative "../refusal"
require_relative "../sync/unknown_values"
require_relative "source_day"
require_relative "source_drift"
require_relative "source_news"

module CrmSync
  # Checks that the sources look as they did in the last run. A source that does not blocks the whole run.
  class SourceCheck
    # The reason why nothing may be written, in short (+kind+) and in words (+problem+), with the source and the number
    # of rows for the +allow:+ that lets it through.
    Block = Struct.new(:source, :rows, :kind, :problem)

    # The counts of one source: its +rows+; how many (+linked+) of what (+by+, such as users) are linked to it; whether
    # there should be a row for each of those (+one_each+); and how many rows have each field that matters (+filled+).
    # +followed+ is the number of rows from which values are taken, and +unknown+ counts, by field, the ones in which a
    # value is unknown. +came+ is the number of linked ones whose own row came; nil if that is not checked. +unnamed+
    # has, by field, the values that no rule names, and the number of rows with each.
    Counts = Struct.new(:name, :rows, :linked, :by, :one_each, :filled, :followed, :unknown, :came, :unnamed,
                        keyword_init: true) do
      def initialize(followed: 0, unknown: {}, unnamed: {}, **source)
        super
      end

      # @return [Hash{String => Object}] the values to remember for next time
      def to_h
        { "rows" => rows, "filled" => filled, "followed" => followed, "unknown" => unknown }
      end
    end

    # The number of links from which on it is checked whether their rows came.
    ENOUGH_LINKS = 5
    private_constant :ENOUGH_LINKS
    # The name by which +allow:+ accepts that only few of them came.
    LINKED = :linked

    # @param sources [Array<Counts>]
    # @param last [Hash{String => Hash}] the result of {#to_h} at the last run
    # @param uncounted [Array<String>] the sources that were not counted this time; what is remembered of them stays
    def initialize(sources, last, uncounted: [])
      @sources = sources
      @last = last
      @uncounted = uncounted
      @accepted = []
    end

    # @param allow [Hash{Symbol => Integer}] the sources that somebody has found to be right, with their number of rows
    # @return [Array<Block>]
    def blocks(allow = {})
      found = @sources.filter_map { |source| problem(source, last(source)) }
      accepted, refused = found.partition { |block| allow.key?(block.source) && block.rows >= allow[block.source] }
      @accepted |= accepted.map(&:source)
      refused
    end

    # @return [Array<CrmSync::Issue>] the issues that do not block, but that somebody should look at
    def drift
      @sources.flat_map { |source| watchers(source).flat_map(&:issues) }
    end

    # @param sync_name [String]
    # @param blocks [Array<Block>]
    # @return [Array<CrmSync::Refusal>] one for each block, which says why nothing was written; its +allow+ lets all of
    #   them through
    def self.refusals(sync_name, blocks)
      allow = blocks.to_h { |block| [block.source, block.rows] }
      blocks.map do |block|
        Refusal.new(sync_name:, name: block.source, allow:, brief: block.problem,
                    signature: [block.source, block.kind], reason: "blocked, nothing was written: #{block.problem}")
      end
    end

    # @return [Boolean] whether nothing is remembered of an earlier run, so that there is nothing to compare with
    def first_look?
      @sources.any? && @last.empty?
    end

    # @return [Hash{String => Object}] the whole check, for another process
    def dump
      { "sources" => @sources.map { |source| source.members.zip(source.values).to_h }, "last" => @last }
    end

    # @param dumped [Hash{String => Object}] the result of {#dump}, parsed from JSON
    # @param last [Hash{String => Hash}] the result of {#to_h} at the last run, if that is known here
    # @return [SourceCheck]
    def self.load(dumped, last)
      sources = dumped["sources"].map do |source|
        Counts.new(**source.transform_keys(&:to_sym).slice(*Counts.members), name: source["name"].to_sym)
      end
      new(sources, last.presence || dumped["last"])
    end

    # @return [Hash{String => Hash}] the values to remember for next time
    def to_h
      counted = @sources.to_h { |source| [source.name.to_s, remembered(source)] }
      @last.slice(*@uncounted).merge(counted)
    end

    private

    def watchers(source)
      [SourceDrift.new(source, last(source)), SourceNews.new(source, last(source))]
    end

    def remembered(source)
      day = SourceDay.new(last(source)).with(source, anew: @accepted.include?(source.name))
      watchers(source).map(&:to_h).reduce({ **source.to_h, "day" => day }, :merge)
    end

    def last(source)
      @last.fetch(source.name.to_s, {})
    end

    def problem(source, last)
      before = last.fetch("rows", 0)
      rows = { empty: empty(source, before), few: few(source, before) }.compact
      kind, text = rows.transform_values { |words| "#{source.name} came back #{words}" }.first
      kind, text = blank(source, last.fetch("filled", {})) unless kind
      kind ? Block.new(source.name, source.rows, kind, text) : other_ids(source)
    end

    # Returns a block if the rows are as many as ever, but others: the org may have been swapped, or created anew.
    def other_ids(source)
      return unless source.came && source.linked >= ENOUGH_LINKS && source.came * 2 < source.linked

      text = "of the #{Presentable.count(source.linked)} #{source.name} that #{source.by} are linked to, " \
             "only #{Presentable.count(source.came)} came"
      Block.new(LINKED, source.came, :other_ids, text)
    end

    def empty(source, before)
      return unless source.rows.zero?

      if before.positive? then "empty; there were #{Presentable.count(before)} last time"
      elsif source.linked.positive? then "empty, and #{source.by} are linked to them"
      end
    end

    def few(source, before)
      rows = "with #{Presentable.counted(source.rows, "row")}"
      most = SourceDay.new(last(source)).most
      if source.rows * 2 < before then "#{rows}; there were #{Presentable.count(before)} last time"
      elsif source.rows * 2 < most then "#{rows}; there were #{Presentable.count(most)} within the last 24 hours"
      elsif source.one_each && source.rows * 2 < source.linked
        "#{rows}; #{Presentable.count(source.linked)} #{source.by} are linked to them"
      end
    end

    def blank(source, before)
      field, = source.filled.find { |name, count| count.zero? && before[name].to_i.positive? }
      return unless field && source.rows.positive?

      ["blank #{field}", "none of the #{source.rows} #{source.name} has #{field}; some had last time"]
    end
  end
  private_constant :SourceCheck
end
