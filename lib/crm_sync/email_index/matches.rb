# frozen_string_literal: true

module CrmSync
  class EmailIndex
    # The results of {EmailIndex#match_all}, in the order of what was looked up: as columns, and as {Match} objects,
    # which are only made for those who ask for them.
    #
    # @example
    #   matches = index.match_all(users.map(&:email))
    #   users.zip(matches.keys).each { |user, key| link(user, key) if key }
    #   matches.outcomes.tally                                             # => { one: 97, none: 2, contested: 1 }
    #   matches.select { |match| match.outcome == :several }.map(&:keys)   # => [["003A", "003B"]]
    class Matches
      include Enumerable

      # @return [Array<Object, nil>] of each match, the one key to which the addresses lead
      attr_reader :keys
      # @return [Array<Symbol>] of each match, its outcome
      attr_reader :outcomes

      # @param others [Hash{Integer => Array}] by their places, the keys of the matches that have some, but not one
      # @api private
      def initialize(keys, outcomes, others)
        @keys = keys.freeze
        @outcomes = outcomes.freeze
        @others = others.freeze
        freeze
      end

      # @return [Integer] the number of addresses that were looked up
      def size
        outcomes.size
      end
      alias length size

      # @param place [Integer] as of an Array
      # @return [CrmSync::EmailIndex::Match, nil]
      # @example
      #   matches[0].key # => "003A"
      def [](place)
        place += size if place.negative?
        match(place) if (0...size).cover?(place)
      end

      # @yieldparam match [CrmSync::EmailIndex::Match]
      # @return [self, Enumerator]
      # @example
      #   matches.each { |match| puts match.outcome }
      def each
        return enum_for(:each) { size } unless block_given?

        size.times { |place| yield match(place) }
        self
      end

      # @return [String] without the keys, which can be anything
      def inspect
        counts = outcomes.tally.map { |outcome, count| "#{count} #{outcome}" }
        "#<#{self.class.name} #{counts.join(", ")}>"
      end

      private

      def match(place)
        outcome = outcomes[place]
        Match.new(outcome, @others[place].dup || (outcome == :one ? [keys[place]] : [])).freeze
      end
    end
  end
end
