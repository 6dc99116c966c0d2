# frozen_string_literal: true

module CrmSync
  # Remembers what a source looked like within the last 24 hours, hour by hour: one that loses 49 % in each run has lost
  # most of what it had by the evening, and no two runs differ enough to be told.
  class SourceDay
    # The seconds for which a look counts.
    WINDOW = 86_400
    # The seconds of which the look with the most rows is kept.
    SLOT = 3_600
    private_constant :WINDOW, :SLOT

    # @param last [Hash{String => Object}] the values that were remembered of the source
    # @param now [Integer] in seconds
    def initialize(last, now = Time.now.to_i)
      @now = now
      @looks = last.fetch("day", []).select { |at, *| (now - at).abs < WINDOW }
    end

    # @return [Integer] the most rows that there were
    def most
      @looks.map { |_, rows, _| rows }.max.to_i
    end

    # @return [Boolean] whether there was a look within the last hour
    def fresh?
      @looks.any? { |at, *| (@now - at).abs < SLOT }
    end

    # @param field [String]
    # @return [Array(Integer, Integer, Integer), nil] the rows that had the field when the greatest share had it, all
    #   rows of then, and the time
    def fullest(field)
      known = @looks.select { |_, rows, filled| rows.positive? && filled.key?(field) }
      at, rows, filled = known.max_by { |_, number, counts| counts[field].fdiv(number) }
      [filled[field], rows, at] if at
    end

    # @param source [CrmSync::SourceCheck::Counts] the source of now
    # @param anew [Boolean] whether somebody has found it to be right, so that what was before does not matter
    # @return [Array] the values to remember
    def with(source, anew:)
      looks = (anew ? [] : @looks) + [[@now, source.rows, source.filled]]
      by_slot = looks.group_by { |at, *| at / SLOT }
      by_slot.values.map { |slot| slot.max_by { |at, rows, _| [rows, at] } }
    end
  end
  private_constant :SourceDay
end
