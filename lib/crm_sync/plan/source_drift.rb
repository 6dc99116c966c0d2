# frozen_string_literal: true

require_relative "source_day"

module CrmSync
  # Finds jumps in a source since the last run that are not large enough to block it: a field that matters and is filled
  # in far fewer of the rows, or far more values that the declaration does not know.
  #
  # A jump is reported for a day: after the first run the new numbers are those of the last run, and nobody may have
  # heard of that run.
  class SourceDrift
    # Seconds for which a jump is reported.
    TOLD = 86_400
    # The share of rows with values that the declaration does not know, up to which there is no drift.
    UNKNOWN = 0.05
    # Fewer rows than this are no drift.
    LEAST = 5
    private_constant :TOLD, :UNKNOWN, :LEAST

    # A number of rows, out of all rows.
    Part = Struct.new(:number, :rows) do
      # @return [Float]
      def share
        rows.zero? ? 0.0 : number.fdiv(rows)
      end

      # @return [String]
      def to_s
        "#{Presentable.count(number)} of #{Presentable.count(rows)}"
      end
    end
    private_constant :Part

    # A field, its numbers now and before, and when that changed, in seconds.
    Jump = Struct.new(:kind, :field, :now, :before, :at)
    private_constant :Jump

    # @param source [CrmSync::SourceCheck::Counts]
    # @param last [Hash{String => Object}] the values that were remembered of the source
    # @param now [Integer]
    def initialize(source, last, now = Time.now.to_i)
      @source = source
      @last = last
      @now = now
    end

    # @return [Array<CrmSync::Issue>]
    def issues
      jumps.map { |jump| Issue.new(kind: :source_drift, message: message(jump)) }
    end

    # @return [Hash{String => Object}] the values to remember besides the counts of this run
    def to_h
      { "drift" => jumps.map { |jump| [jump.kind, jump.field, *jump.before.to_a, jump.at] } }
    end

    private

    def jumps
      @jumps ||= kinds.flat_map do |kind, (counts, rows)|
        counts.filter_map { |field, count| jump(kind, field, Part.new(count, rows)) }
      end
    end

    def kinds
      { "filled" => [@source.filled, @source.rows], "unknown" => [@source.unknown, @source.followed] }
    end

    def jump(kind, field, now)
      known = [told(kind, field), last(kind, field), day(kind, field)].compact
      before = known.find { |part, _| jumped?(kind, now, part) }
      Jump.new(kind, field, now, *before) if before
    end

    # Returns the numbers with which a jump that is still reported is compared, and when it was seen.
    def told(kind, field)
      *, count, rows, at = @last.fetch("drift", []).find { |jump| jump.first(2) == [kind, field] }
      [Part.new(count, rows), at] if at && (@now - at).abs < TOLD
    end

    def last(kind, field)
      rows = @last[kind == "filled" ? "rows" : "followed"]
      # A field of which nothing is remembered had no unknown values.
      count = @last.fetch(kind, {}).fetch(field) { 0 if kind == "unknown" }
      [Part.new(count, rows), @now] if count && rows
    end

    # Returns the numbers with which many small steps are compared.
    def day(kind, field)
      number, rows, at = SourceDay.new(@last, @now).fullest(field) if kind == "filled"
      [Part.new(number, rows), at] if at
    end

    def jumped?(kind, now, before)
      case kind
      # A field that is blank in all rows is left to the source check, which blocks.
      when "filled" then now.number.positive? && now.share * 2 < before.share && missing(now, before) >= LEAST
      when "unknown" then now.share > UNKNOWN && before.share <= UNKNOWN && now.number >= LEAST
      end
    end

    def missing(now, before)
      (before.share * now.rows) - now.number
    end

    def message(jump)
      now = "#{jump.now} #{@source.name}"
      case jump.kind
      when "filled"
        "only #{now} have #{jump.field}; it was #{jump.before}. Look whether somebody empties the field, or the " \
        "integration user no longer sees it"
      when "unknown"
        "#{now} have a value for #{jump.field} that is not known; it was #{jump.before}. Look whether values have " \
        "other names now"
      end
    end
  end
  private_constant :SourceDrift
end
