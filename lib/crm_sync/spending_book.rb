# frozen_string_literal: true

require_relative "spending"

module CrmSync
  # Keeps what the runs of a sync have spent.
  #
  # What a run sets out to do is written down before its first write, and what it has done in the end in its place. Of a
  # run that came to no end, because it raised or was killed, what is no longer planned counts as done.
  # @api private
  class SpendingBook
    # @param state [CrmSync::State::Table, CrmSync::State::Folder]
    # @param side [String] what is written to: another host is another story
    def initialize(state, side)
      @state = state
      @name = "spending at #{side}"
    end

    # @param planned [Array<CrmSync::Change>] all that whoever asks would change now
    # @return [Spending]
    def spending(planned)
      kept = @state.read(@name)
      spent = Spending.new(symbols(kept.fetch("spent", {})), Time.now.to_i)
      under_way = kept["under_way"]
      under_way ? spent.plus(done(under_way, planned), at: under_way["at"]) : spent
    end

    # @param planned [Array<CrmSync::Change>] all that is planned
    # @param writing [Array<CrmSync::Change>] what is written of it
    # @yieldreturn [Hash] what became of that; +applied+ is spent
    # @return [Hash] the same
    def spend(planned, writing)
      keys = keys(writing)
      return yield if keys.empty? && !@state.read(@name).key?("under_way")

      before = spending(planned)
      keep(before, "under_way" => { "at" => Time.now.to_i, "keys" => keys })
      outcome = yield
      keep(before.plus(keys(outcome[:applied]).transform_values(&:size), at: Time.now.to_i))
      outcome
    end

    private

    def keep(spending, more = {})
      @state.write(@name, { "spent" => spending.to_h, **more })
    end

    def done(under_way, planned)
      left = keys(planned)
      symbols(under_way["keys"]).to_h { |budget, keys| [budget, (keys - left.fetch(budget, [])).size] }
    end

    # By budget the records that spend it.
    def keys(changes)
      pairs = changes.flat_map { |change| change.budgets.map { |budget| [budget, change.key.to_s] } }
      pairs.group_by(&:first).transform_values { |found| found.map(&:last) }
    end

    def symbols(hash)
      hash.transform_keys(&:to_sym)
    end
  end
end
