# frozen_string_literal: true

require_relative "../../notices/confidential"
require_relative "../read/address_search"
require_relative "conditions"
require_relative "facts"
require_relative "locked_records"

module CrmSync
  module Contacts
    # Checks again, under the row's lock, what a change stands on.
    class Premises
      # The facts that were known when the change was decided on. They include a person's address, which is shown
      # nowhere.
      Basis = Struct.new(:key_name, :link_name, :link, :address, :tier, keyword_init: true) do
        include Confidential
      end

      def initialize(schema)
        @schema = schema
        @declaration = schema.declaration
        @conditions = Conditions.new(schema)
        @search = AddressSearch.new(schema)
        @records = LockedRecords.new(schema, @conditions)
      end

      # Locks the records of a batch in the order of their keys, in which everybody else locks them too, and checks
      # nothing: a statement that has to wait for a row reads only that row anew, and all others as they were before it
      # waited. Only a single one is waited for.
      #
      # @param changes [Array<CrmSync::Change>]
      # @return [Array<CrmSync::Change>] those whose records somebody else keeps locked
      def lock(changes)
        key = @schema.model.primary_key.to_sym
        rows = rows(changes).order(key)
        return rows.lock.pluck(key) && [] if changes.one?

        missing = without(changes, rows.lock("FOR UPDATE SKIP LOCKED").pluck(key))
        missing.any? ? missing - without(missing, rows(missing).pluck(key)) : []
      end

      # @param changes [Array<#key, #basis>] the changes of a batch, locked
      # @return [Facts] what they are judged on beside their own records; its statements must begin after the lock
      def facts(changes)
        Facts.new(@schema, @conditions, @search, changes)
      end

      # Loads a record that is locked, as it is now: an earlier one of its batch may have changed it.
      #
      # @param change [CrmSync::Change]
      # @return [ActiveRecord::Base, nil] nil if the model's default scope does not let it through
      def load(change) = @records.load(change.key).first

      # Checks the premises. Call it in the transaction of the lock.
      #
      # @param change [CrmSync::Change]
      # @param facts [Facts] those of its batch
      # @return [Array(ActiveRecord::Base, String)] the record as it is now, and what has moved since the plan, if
      #   anything has
      def judge(change, facts)
        record, in_scope = @records.load(change.key, @conditions.scope(change))
        return [nil, "it is gone"] unless record

        moved = moved_column(record, change) || moved_elsewhere(change, facts)
        moved ||= "it is no longer #{@conditions.scope(change)}" unless in_scope
        [record, moved]
      end

      # @param change [#key, #basis]
      # @param facts [Facts] those of its batch
      # @return [String, nil] what has moved of its address alone
      def moved_trust(change, facts)
        return unless change.basis.address
        return "its address is no longer trusted" unless facts.own?(change)

        "its address is another's by stronger trust" if facts.others?(change)
      end

      # Checks once more, at the end of a batch, what is not in the records themselves, which are locked.
      #
      # @param changes [Array<CrmSync::Change>] changes that were written
      # @return [Boolean] whether something has moved since they were judged
      def moved_since?(changes)
        facts = facts(changes)
        changes.any? { |change| moved_elsewhere(change, facts) }
      end

      # @param changes [Array<CrmSync::Change>]
      # @return [Array<CrmSync::Change>] the changes whose address another user may have by stronger trust, in a
      #   spelling that the database's lower case does not find
      def doubtful(changes)
        weaker = changes.select { |change| change.basis.address && change.basis.tier.positive? }
        return [] if weaker.empty?

        odd = @search.odd_addresses(@declaration.tiers.first(weaker.map { |change| change.basis.tier }.max))
        weaker.select { |change| odd.include?(change.basis.address) }
      end

      private

      def rows(changes)
        @schema.model.unscoped.where(@schema.model.primary_key => changes.map(&:key))
      end

      def without(changes, keys)
        found = keys.to_set { |key| canonical(key) }
        changes.reject { |change| found.include?(canonical(change.key)) }
      end

      def canonical(key) = @schema.canonical(@schema.model.primary_key, key)

      # Returns what has moved beside the record.
      def moved_elsewhere(change, facts)
        moved_trust(change, facts) || ("the contact is another's by now" if facts.taken?(change))
      end

      def moved_column(record, change)
        link = @declaration.foreign_key
        return "its contact is another one" unless same?(link, record[link], change.basis.link)

        columns = change.before.keys - [link]
        column = columns.find { |name| !same?(name, record[name], change.before[name]) }
        column && "#{column} has changed"
      end

      def same?(column, one, other)
        @schema.canonical(column, one) == @schema.canonical(column, other)
      end
    end
    private_constant :Premises
  end
end
