# frozen_string_literal: true

require_relative "../refusal"
require_relative "../store/preemptible"

module CrmSync
  # Limits how many changes of each kind are made in 24 hours: 5 % of the records that could suffer them, at least 5 and
  # at most 500. Linked users gain a privileged value more often than they lose it, so the limit of +promote+ is 20 %,
  # and at least 20.
  class Budgets
    Limit = Struct.new(:share, :range)
    LIMITS = Hash.new(Limit.new(0.05, 5..500)).update(promote: Limit.new(0.20, 20..)).freeze
    private_constant :Limit, :LIMITS

    # A budget that the planned changes exceed: its limit, the amount that was spent before and when the first of that
    # comes free, the number of changes that somebody allowed this time, and whether the budget blocks the whole run.
    Overdrawn = Struct.new(:budget, :changes, :limit, :population, :spent, :free_at, :allowed, :blocks,
                           keyword_init: true)

    # @param declaration [CrmSync::Internal::Declaration]
    # @param could_suffer [Hash{Symbol => Integer}, #keys, #fetch] for each budget, the number of records that it could
    #   concern; asked for only if more changes are planned than the least that any population allows
    # @param book [CrmSync::SpendingBook] the amounts that were spent in the last 24 hours
    def initialize(declaration, could_suffer, book)
      @declaration = declaration
      @could_suffer = could_suffer
      @book = book
    end

    # @param changes [Array<CrmSync::Change>]
    # @param allow [Hash{Symbol => Integer}] for each budget, the number of changes that somebody allowed this time,
    #   whatever was spent before
    # @return [Array<Overdrawn>]
    def overdrawn(changes, allow)
      return [] if changes.empty?

      spending = @book.spending(changes)
      Preemptible.new(@could_suffer.keys).filter_map do |budget|
        some = changes.select { |change| change.budgets.include?(budget) }
        spent = spending.of(budget)
        allowed = allow.fetch(budget, 0)
        within = ->(limit) { some.size <= [limit - spent, allowed].max }
        next if within.call(LIMITS[budget].range.begin) || within.call(limit(budget))

        entry(budget, some, spending, allowed)
      end
    end

    # @param planned [Array<CrmSync::Change>] all planned changes
    # @param writing [Array<CrmSync::Change>] the planned changes that are written
    # @param whole [Boolean] whether the plan is for everybody
    # @yieldreturn [Hash] the changes by outcome
    # @return [Hash] the same
    def spend(planned, writing, whole:, &block)
      @book.spend(planned, writing, whole:, &block)
    end

    # @param changes [Array<CrmSync::Change>]
    # @return [Array<Array(Symbol, Integer, Integer, Integer)>] for each budget that is used, the cost of the changes,
    #   the amount that was spent in the last 24 hours, and the limit
    def costs(changes)
      planned = changes.flat_map(&:budgets).tally
      spending = @book.spending(changes)
      costs = @could_suffer.keys.map { |budget| [budget, planned.fetch(budget, 0), spending.of(budget)] }
      used = costs.select { |_, *amounts| amounts.any?(&:positive?) }
      used.map { |budget, *amounts| [budget, *amounts, limit(budget)] }
    end

    # @param changes [Array<CrmSync::Change>] the planned changes
    # @return [Hash{Symbol => Integer}] the amounts that were spent in the last 24 hours
    def spent(changes)
      spending = @book.spending(changes)
      @could_suffer.keys.to_h { |budget| [budget, spending.of(budget)] }.select { |_, spent| spent.positive? }
    end

    # @param budget [Symbol]
    # @return [Integer] the number of changes that the budget allows
    def limit(budget)
      limit = LIMITS[budget]
      (@could_suffer.fetch(budget) * limit.share).floor.clamp(limit.range)
    end

    # @param overdrawn [Array<Overdrawn>]
    # @return [Array<CrmSync::Refusal>] one for each budget, which says whom it concerns; its +allow+ lets all of them
    #   through
    def refusals(overdrawn)
      allow = overdrawn.to_h { |entry| [entry.budget, entry.changes.size] }
      done = overdrawn.any?(&:blocks) ? "blocked, nothing was written" : "held back"
      overdrawn.map do |entry|
        brief = "#{Presentable.counted(entry.changes.size, "change")} of the kind #{entry.budget}"
        concerned = Presentable.list(entry.changes.map(&:key))
        Refusal.new(sync_name: @declaration.name, name: entry.budget, allow:, brief:, signature: signature(entry),
                    reason: "#{done}: #{brief} (#{reach(entry)}). They concern #{concerned}")
      end
    end

    private

    def entry(budget, changes, spending, allowed)
      Overdrawn.new(budget:, changes:, limit: limit(budget), population: @could_suffer.fetch(budget),
                    spent: spending.of(budget), free_at: spending.free_at(budget), allowed:,
                    blocks: @declaration.blocks?(budget))
    end

    def signature(entry)
      [entry.budget, entry.blocks, entry.changes.map { |change| change.key.to_s }.sort]
    end

    def reach(entry)
      used = entry.spent.positive? &&
             " in 24 hours; #{entry.spent} used up by now, the first comes free at #{Presentable.time(entry.free_at)}"
      allowed = entry.allowed.positive? && "; allowed this time: #{entry.allowed}"
      ["at most #{entry.limit} of #{entry.population}", used, allowed].select(&:itself).join
    end
  end
  private_constant :Budgets
end
