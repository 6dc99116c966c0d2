# frozen_string_literal: true

module CrmSync
  # Remembers how a source looked within the last 24 hours, hour by hour. A source that loses 49 % in each run has lost
  # most of its rows by the evening, although no two runs in a row differ enough to be noticed.
  class SourceDay
    # Seconds for which a look counts.
    WINDOW = 86_400
    # Seconds of which only the look with the most rows is kept.
    SLOT = 3_600
    private_constant :WINDOW, :SLOT

    # @param last [Hash{String => Object}] the values that were remembered of the source
    # @param now [Integer] the current time, in seconds
    def initialize(last, now = Time.now.to_i)
      @now = now
      @looks = last.fetch("day", []).select { |at, *| (now - at).abs < WINDOW }
    end

    # @return [Integer] the largest number of rows
    def most
      @looks.map { |_, rows, _| rows }.max.to_i
    end

    # @return [Boolean] whether there was a look within the last hour
    def fresh?
      @looks.any? { |at, *| (@now - at).abs < SLOT }
    end

    # @param field [String]
    # @return [Array(Integer, Integer, Integer), nil] the number of rows that had the field when the greatest share of
    #   them had it, the number of all rows at that time, and the time
    def fullest(field)
      known = @looks.select { |_, rows, filled| rows.positive? && filled.key?(field) }
      at, rows, filled = known.max_by { |_, number, counts| counts[field].fdiv(number) }
      [filled[field], rows, at] if at
    end

    # @param source [CrmSync::SourceCheck::Counts] the source as it is now
    # @param anew [Boolean] whether somebody has found the source to be right, so that earlier looks do not matter
    # @return [Array] the values to remember
    def with(source, anew:)
      looks = (anew ? [] : @looks) + [[@now, source.rows, source.filled]]
      by_slot = looks.group_by { |at, *| at / SLOT }
      by_slot.values.map { |slot| slot.max_by { |at, rows, _| [rows, at] } }
    end
  end
  private_constant :SourceDay
end
