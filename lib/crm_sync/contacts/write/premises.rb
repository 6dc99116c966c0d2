# frozen_string_literal: true

require_relative "../../notices/confidential"
require_relative "../read/address_search"
require_relative "conditions"

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
      end

      # Locks the record and checks nothing else: a statement that has to wait for the row reads only that row anew, and
      # all others as they were before it waited. The model's default scope may select single columns or join what
      # cannot be locked, and is checked by a statement of its own afterwards.
      #
      # @param change [CrmSync::Change]
      # @return [ActiveRecord::Base, nil]
      def lock(change)
        record = @schema.model.unscoped.lock.find_by(@schema.model.primary_key => change.key)
        record if record && there?(record)
      end

      # Checks the premises. Call it in the transaction of the lock; its statements must begin after the lock.
      #
      # @param record [ActiveRecord::Base, nil] as {#lock} gave it
      # @param change [CrmSync::Change]
      # @return [String, nil] what has moved since the plan
      def moved(record, change)
        return "it is gone" unless record

        moved_column(record, change) || moved_address(record, change) || moved_scope(record, change)
      end

      # @param change [#basis] with the address and the tier
      # @return [String, nil] what has moved of its address alone
      def moved_trust(record, change)
        moved_address(record, change)
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

      def there?(record)
        sql = @conditions.there
        sql == "(1 = 1)" || look(record, there: sql)[:there] == 1
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

      def moved_address(record, change)
        return unless (address = change.basis.address)

        tiers = @declaration.tiers.first(change.basis.tier + 1)
        return "its address is no longer trusted" unless own_addresses(record, tiers.last).include?(address)

        stronger = tiers[0...-1].any? { |tier| @search.others?(tier, record.id, address) }
        "its address is another's by stronger trust" if stronger
      end

      def own_addresses(record, tier)
        @schema.tier(tier).where(foreign_key => record.id).pluck(@declaration.address_column).map do |text|
          Email.normalize(text)
        end
      end

      def foreign_key
        @schema.association.foreign_key
      end

      def moved_scope(record, change)
        looks = { taken: taken(change), in_scope: in_scope(change) }.compact
        return if looks.empty?

        answers = look(record, looks)
        return "the contact is another's by now" if answers[:taken] == 1

        "it is no longer #{@conditions.scope(change)}" if answers[:in_scope]&.zero?
      end

      # Asks for the answers as numbers, which are the same in every database.
      def look(record, looks)
        cases = looks.values.map { |sql| Arel.sql("CASE WHEN #{sql} THEN 1 ELSE 0 END") }
        row = @schema.model.unscoped.where(@schema.model.primary_key => record.id).pluck(*cases).first
        looks.keys.zip(Array(row)).to_h
      end

      def in_scope(change)
        name = @conditions.scope(change)
        name && @conditions.in_scope(name)
      end

      def taken(change)
        ids = @conditions.sole_contact(change)
        @conditions.taken(ids.map { |id| @schema.connection.quote(id) }) if ids.any?
      end
    end
    private_constant :Premises
  end
end
