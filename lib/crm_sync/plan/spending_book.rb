# frozen_string_literal: true

require "securerandom"
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
      settled(*parts(@state.read(@name)), planned)
    end

    # A call for a few may write while a run does, so the book is changed twice, and not kept from beginning to end. If
    # a run begins while such a call writes, its changes may count twice, but never not at all.
    #
    # @param planned [Array<CrmSync::Change>] all planned changes
    # @param writing [Array<CrmSync::Change>] the planned changes that are written
    # @param whole [Boolean] whether the plan is for everybody
    # @yieldreturn [Hash] the changes by outcome; +applied+ is spent, and so is +unknown+, because it was sent and not
    #   refused
    # @return [Hash] the same
    def spend(planned, writing, whole:)
      keys = keys(writing)
      return yield if keys.empty? && !(whole && any_under_way?)

      id = SecureRandom.hex(8)
      change { |spent, runs| begin_run({ "id" => id, "at" => now, "keys" => keys }, spent, runs, planned, whole) }
      outcome = yield
      sent = keys(outcome[:applied] + outcome.fetch(:unknown, [])).transform_values(&:size)
      change { |spent, runs| [spent.plus(sent, at: now), runs.reject { |run| run["id"] == id }] }
      outcome
    end

    private

    def now = Time.now.to_i

    def any_under_way? = parts(@state.read(@name)).last.any?

    # Returns the known spending of runs, and the runs that came to no end.
    def parts(kept)
      [Spending.new(symbols(kept.fetch("spent", {})), now), kept.fetch("under_way", [])]
    end

    # @yieldparam spent [Spending]
    # @yieldparam runs [Array<Hash>] the runs that came to no end
    # @yieldreturn [Array(Spending, Array<Hash>)] both as they are to be kept
    def change
      @state.update(@name) do |kept|
        spent, runs = yield parts(kept)
        { "spent" => spent.to_h, "under_way" => runs }
      end
    end

    def begin_run(run, spent, runs, planned, whole)
      whole ? [settled(spent, runs, planned), [run]] : [spent, [*still_open(runs, planned), run]]
    end

    # Returns the spending with what the runs that came to no end have done.
    def settled(spent, runs, planned)
      runs.reduce(spent) { |sum, run| sum.plus(done(run, planned), at: run["at"]) }
    end

    # Returns those runs, with only the changes that they may have made. A change that is still planned was not made,
    # and a run that makes it now spends it.
    def still_open(runs, planned)
      runs.map { |run| { **run, "keys" => left(run, planned) } }
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
