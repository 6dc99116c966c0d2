# frozen_string_literal: true

module CrmSync
  module Contacts
    # Puts changes into an order in which each contact is given up before another record gets it, so that a unique index
    # does not refuse it. Where records get each other's contacts there is no such order.
    class Turns
      # Actions that take no contact from their record. Asked for first: a first run has nothing else.
      GIVING_UP_NONE = %i[link update lead sweep].freeze
      private_constant :GIVING_UP_NONE

      # @return [Array<Array<CrmSync::Change>>] first the changes that wait for no other one, in the order of the plan,
      #   and then those that wait only for changes of the rounds before
      attr_reader :rounds
      # @return [Array<Array<CrmSync::Change>>] the changes of records that get each other's contacts, in the order of
      #   the plan
      attr_reader :cycles

      # @param changes [Array<CrmSync::Change>] at most one for each record
      # @param link [Symbol] the name that the contact has in changes
      def initialize(changes, link)
        @link = link
        givers = changes.select { |change| gives_up?(change) }
        @takers = givers.empty? ? {} : takers(changes)
        # Counts those for which a change waits.
        @waiting = givers.filter_map { |change| taker(change) }.tally
        @rounds = rounds_of(changes)
        @cycles = cycles_of(changes.select { |change| @waiting.fetch(change, 0).positive? })
      end

      private

      def takers(changes)
        changes.select { |change| moves?(change) }.index_by { |change| id(change.after) }.except(nil)
      end

      # Goes from one to the next instead of down into it: a table of ids that is off by one row is one long chain.
      def rounds_of(changes)
        rounds = []
        round = changes.reject { |change| @waiting.key?(change) }
        while round.any?
          rounds << round
          round = round.filter_map { |change| released(change) }
        end
        rounds
      end

      # A contact has one taker, so a change that is left is in one cycle, and none waits behind a cycle.
      def cycles_of(changes)
        numbers = {}
        changes.each { |change| number_cycle(change, numbers) }
        changes.group_by { |change| numbers[change] }.values
      end

      # Gives all changes of a cycle a number that no other cycle has.
      def number_cycle(change, numbers)
        number = numbers.size
        until numbers.key?(change)
          numbers[change] = number
          change = taker(change)
        end
      end

      # Returns the change that waits for none any more when this one has been made, if there is one.
      def released(change)
        taker = taker(change)
        taker if taker && (@waiting[taker] -= 1).zero?
      end

      # Returns the change that gives somebody else the contact that this one takes away, if there is one.
      def taker(change)
        @takers[id(change.before)] if gives_up?(change)
      end

      def gives_up?(change)
        !GIVING_UP_NONE.include?(change.action) && change.before[@link].present? && moves?(change)
      end

      def moves?(change)
        change.after.key?(@link) && id(change.before) != id(change.after)
      end

      def id(side)
        contact = side[@link]
        RecordId.same(contact.strip) if contact.is_a?(String)
      end
    end
    private_constant :Turns
  end
end
