# frozen_string_literal: true

module CrmSync
  # Compares, column by column, what the old routine made of one record with what the sync would have made of it.
  class ShadowedRecord
    THEIRS = "the old routine has changed it, and the sync would change nothing"
    private_constant :THEIRS

    # @param key [Object]
    # @param planned [CrmSync::Change, nil] the change that was planned before the old routine
    # @param left [CrmSync::Change, nil] the change that was planned after it
    # @param became [Hash{Symbol => Object}] the columns that changed in between, with their values afterwards
    # @param watch [#same?]
    def initialize(key, planned:, left:, became:, watch:)
      @key = key
      @planned = planned
      @left = left
      @became = became
      @watch = watch
    end

    # @return [Hash{String => Object}, nil] the contents of a {ShadowReport::Difference}; nil if the record is as the
    #   sync would have made it
    def difference
      moves = self.moves
      { "key" => @key.to_s, "kind" => kind, **decision, "moves" => moves } if @left || moves.any?
    end

    private

    def kind
      return "theirs only" unless @left || @planned

      alone = @became.empty? && (@left.nil? || @left.to_a == @planned&.to_a)
      alone ? "not done" : "done otherwise"
    end

    def decision
      change = @left || @planned
      change ? { "action" => change.action.to_s, "reason" => change.reason } : { "action" => nil, "reason" => THEIRS }
    end

    def moves
      [*@left&.moves, *unlike, *theirs].map { |column, *values| [column.to_s, *values] }
    end

    # Returns the columns that the sync would have changed before, and does not change any more although they have
    # another value: it may be one that the sync protects or does not overwrite.
    def unlike
      wanted = after(@planned).except(*after(@left).keys)
      wanted.filter_map do |column, value|
        now = @became.fetch(column) { @planned.before[column] }
        [column, shown(column, now), shown(column, value)] unless @watch.same?(column, now, value)
      end
    end

    # Returns the columns that only the old routine has changed.
    def theirs
      rest = @became.except(*after(@planned).keys, *after(@left).keys)
      rest.map { |column, value| [column, shown(column, value), nil] }
    end

    def after(change) = change ? change.after : {}

    def shown(column, value) = Confidential.value(column, value)
  end
  private_constant :ShadowedRecord
end
