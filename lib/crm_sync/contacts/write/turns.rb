# frozen_string_literal: true

module CrmSync
  module Contacts
    # Orders changes so that each contact is given up before another record gets it, because a unique index would refuse
    # it otherwise. There is no such order for records that take each other's contacts.
    class Turns
      # The actions that take no contact from their record. They are checked first, because a first run has no others.
      GIVING_UP_NONE = %i[link update lead sweep].freeze
      private_constant :GIVING_UP_NONE

      # @return [Array<Array<CrmSync::Change>>] first the changes that wait for no other change, in the order of the
      #   plan, and then those that wait only for changes of earlier rounds
      attr_reader :rounds
      # @return [Array<Array<CrmSync::Change>>] the changes of records that take each other's contacts, in the order of
      #   the plan
      attr_reader :cycles

      # @param changes [Array<CrmSync::Change>] at most one for each record
      # @param link [Symbol] the name that the contact has in changes
      def initialize(changes, link)
        @link = link
        givers = changes.select { |change| gives_up?(change) }
        @takers = givers.empty? ? {} : takers(changes)
        # Counts for each change the changes that it waits for.
        @waiting = givers.filter_map { |change| taker(change) }.tally
        @rounds = rounds_of(changes)
        @cycles = cycles_of(changes.select { |change| @waiting.fetch(change, 0).positive? })
      end

      private

      def takers(changes)
        changes.select { |change| moves?(change) }.index_by { |change| id(change.after) }.except(nil)
      end

      # Builds the rounds in a loop instead of by recursion: a table of ids that is off by one row is one long chain.
      def rounds_of(changes)
        rounds = []
        round = changes.reject { |change| @waiting.key?(change) }
        while round.any?
          rounds << round
          round = round.filter_map { |change| released(change) }
        end
        rounds
      end

      # Groups the remaining changes by cycle. A contact goes to one record only, so each remaining change is in one
      # cycle, and none waits behind a cycle.
      def cycles_of(changes)
        numbers = {}
        changes.each { |change| number_cycle(change, numbers) }
        changes.group_by { |change| numbers[change] }.values
      end

      # Gives all changes of a cycle the same number, which no other cycle has.
      def number_cycle(change, numbers)
        number = numbers.size
        until numbers.key?(change)
          numbers[change] = number
          change = taker(change)
        end
      end

      # Returns the change that waits for no other change once this one has been made, if there is one.
      def released(change)
        taker = taker(change)
        taker if taker && (@waiting[taker] -= 1).zero?
      end

      # Returns the change that gives another record the contact that this change takes away, if there is one.
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
