# frozen_string_literal: true

require_relative "proposal"

module CrmSync
  # How much of each kind one run may change: 5 % of those who could suffer it, but at least 5 and at most 500.
  # @api private
  class Budgets
    SHARE = 0.05
    LEAST = 5
    MOST = 500
    SHOWN = 10
    private_constant :SHARE, :LEAST, :MOST, :SHOWN

    # A budget that does not reach for what is planned.
    Overdrawn = Struct.new(:budget, :changes, :limit, :population)

    # @return [Hash{Symbol => Integer}] for each budget, how many records it could concern
    attr_reader :could_suffer

    # @param sync_name [String]
    # @param could_suffer [Hash{Symbol => Integer}] for each budget, how many records it could concern
    def initialize(sync_name, could_suffer)
      @sync_name = sync_name
      @could_suffer = could_suffer
    end

    # @param changes [Array<CrmSync::Change>]
    # @param allow [Hash{Symbol => Integer}] limits that somebody raised for this time
    # @return [Array<Overdrawn>]
    def overdrawn(changes, allow)
      spent = @could_suffer.keys.to_h { |budget| [budget, changes.select { |change| change.budgets.include?(budget) }] }
      over = spent.map do |budget, spending|
        Overdrawn.new(budget, spending, [limit(budget), allow.fetch(budget, 0)].max, @could_suffer[budget])
      end
      over.select { |entry| entry.changes.size > entry.limit }
    end

    # @param changes [Array<CrmSync::Change>]
    # @return [Array<Array(Symbol, Integer, Integer)>] for each budget what the changes cost and what it allows
    def spent(changes)
      costs = changes.flat_map(&:budgets).tally
      @could_suffer.keys.map { |budget| [budget, costs.fetch(budget, 0), limit(budget)] }
    end

    # @param budget [Symbol]
    # @return [Integer] how many changes it allows
    def limit(budget)
      (@could_suffer.fetch(budget) * SHARE).floor.clamp(LEAST, MOST)
    end

    # @param overdrawn [Array<Overdrawn>]
    # @return [Array<String>] for a tired person: what was held, whom it concerns, and the call that allows it
    def messages(overdrawn)
      call = Proposal.call(@sync_name, overdrawn.to_h { |entry| [entry.budget, entry.changes.size] })
      overdrawn.map do |entry|
        keys = entry.changes.first(SHOWN).map(&:key).join(", ")
        more = " and #{entry.changes.size - SHOWN} more" if entry.changes.size > SHOWN
        "held back: #{entry.changes.size} changes of the kind #{entry.budget} " \
          "(at most #{entry.limit} of #{entry.population}). They concern #{keys}#{more}. " \
          "If that is right: #{call}"
      end
    end
  end
end
