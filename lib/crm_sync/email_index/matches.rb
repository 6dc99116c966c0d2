# frozen_string_literal: true

module CrmSync
  class EmailIndex
    # Represents the results of {EmailIndex#match_all}, in the order of the addresses that were looked up. They can be
    # read as columns ({#keys}, {#outcomes}) or as {Match} objects, which are built only when they are asked for.
    #
    # @example
    #   matches = index.match_all(users.map(&:email))
    #   users.zip(matches.keys).each { |user, key| link(user, key) if key }
    #   matches.outcomes.tally                                             # => { one: 97, none: 2, contested: 1 }
    #   matches.select { |match| match.outcome == :several }.map(&:keys)   # => [["003A", "003B"]]
    class Matches
      include Enumerable

      # @return [Array<Object, nil>] for each result, the single key to which the addresses lead, or nil
      attr_reader :keys
      # @return [Array<Symbol>] for each result, its outcome (see {Match})
      attr_reader :outcomes

      # @param others [Hash{Integer => Array}] the keys of the results that have keys but not the outcome +:one+, by the
      #   positions of the results
      # @api private
      def initialize(keys, outcomes, others)
        @keys = keys.freeze
        @outcomes = outcomes.freeze
        @others = others.freeze
        freeze
      end

      # @return [Integer] the number of results
      def size
        outcomes.size
      end
      alias length size

      # @param place [Integer] the position, as for an Array; a negative one counts from the end
      # @return [CrmSync::EmailIndex::Match, nil] nil if the position is out of range
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

      # @return [String] the number of results with each outcome; the keys can be anything, so they are not shown
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
