# frozen_string_literal: true

module CrmSync
  # The spending of each budget in the last 24 hours. This class only computes; {SpendingBook} keeps the amounts.
  class Spending
    # Seconds for which a change counts.
    WINDOW = 86_400

    # @param entries [Hash{Symbol => Array<Array(Integer, Integer)>}] for each budget, the times, in seconds, and the
    #   amounts
    # @param now [Integer]
    def initialize(entries, now)
      @now = now
      # Entries that are further ahead than that were written before a clock was put back.
      recent = entries.transform_values { |spent| spent.select { |at, _| (now - at).abs < WINDOW } }
      @entries = recent.reject { |_, spent| spent.empty? }
    end

    # @param budget [Symbol]
    # @return [Integer]
    def of(budget)
      entries(budget).sum(&:last)
    end

    # @param budget [Symbol]
    # @return [Integer, nil] the time at which the first amount comes free, in seconds
    def free_at(budget)
      first = entries(budget).map(&:first).min
      first && (first + WINDOW)
    end

    # @param counts [Hash{Symbol => Integer}] the amounts that were spent in addition
    # @param at [Integer] the time of that, in seconds
    # @return [Spending]
    def plus(counts, at: @now)
      added = counts.reject { |_, count| count.zero? }.transform_values { |count| [[at, count]] }
      self.class.new(@entries.merge(added) { |_, before, more| before + more }, @now)
    end

    # @return [Hash{Symbol => Array<Array(Integer, Integer)>}] the amounts to keep
    def to_h
      @entries
    end

    private

    def entries(budget)
      @entries.fetch(budget, [])
    end
  end
  private_constant :Spending
end
