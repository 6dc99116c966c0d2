# frozen_string_literal: true

require_relative "spending"

module CrmSync
  # Keeps what the runs of a sync have spent.
  #
  # The planned changes of a run are stored before its first write, and in the end replaced by what it has done. If a
  # run came to no end, because it raised an error or was killed, its changes that are no longer planned count as done.
  # Only a plan for everybody settles that for good; a plan for a few, or an undo, says nothing about the records that
  # it leaves out.
  class SpendingBook
    # @param state [CrmSync::State::Table, CrmSync::State::Folder]
    # @param side [String] the side that is written to; the spending at another host is separate
    def initialize(state, side)
      @state = state
      @name = "spending at #{side}"
    end

    # @param planned [Array<CrmSync::Change>] all changes that the caller would make now
    # @return [Spending]
    def spending(planned)
      under_way.reduce(spent) { |sum, run| sum.plus(done(run, planned), at: run["at"]) }
    end

    # @param planned [Array<CrmSync::Change>] all planned changes
    # @param writing [Array<CrmSync::Change>] the planned changes that are written
    # @param whole [Boolean] whether the plan is for everybody
    # @yieldreturn [Hash] the changes by outcome; +applied+ is spent, and so is +unknown+, because it was sent and not
    #   refused
    # @return [Hash] the same
    def spend(planned, writing, whole:)
      keys = keys(writing)
      return yield if keys.empty? && (under_way.empty? || !whole)

      before, open = whole ? [spending(planned), []] : [spent, still_open(planned)]
      keep(before, [*open, { "at" => Time.now.to_i, "keys" => keys }])
      outcome = yield
      sent = outcome[:applied] + outcome.fetch(:unknown, [])
      keep(before.plus(keys(sent).transform_values(&:size), at: Time.now.to_i), open)
      outcome
    end

    private

    def kept
      @state.read(@name)
    end

    # Returns the known spending of runs.
    def spent
      Spending.new(symbols(kept.fetch("spent", {})), Time.now.to_i)
    end

    # Returns the runs that came to no end.
    def under_way
      kept.fetch("under_way", [])
    end

    def keep(spending, under_way)
      @state.write(@name, { "spent" => spending.to_h, "under_way" => under_way })
    end

    # Returns those runs, with only the changes that they may have made. A change that is still planned was not made,
    # and a run that makes it now spends it.
    def still_open(planned)
      under_way.map { |run| { **run, "keys" => left(run, planned) } }
    end

    def done(run, planned)
      left(run, planned).transform_values(&:size)
    end

    def left(run, planned)
      planned = keys(planned)
      symbols(run["keys"]).to_h { |budget, keys| [budget, keys - planned.fetch(budget, [])] }
    end

    # Returns for each budget the keys of the records that spend it.
    def keys(changes)
      pairs = changes.flat_map { |change| change.budgets.map { |budget| [budget, change.key.to_s] } }
      pairs.group_by(&:first).transform_values { |found| found.map(&:last) }
    end

    def symbols(hash)
      hash.transform_keys(&:to_sym)
    end
  end
  private_constant :SpendingBook
end
