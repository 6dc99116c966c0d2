# frozen_string_literal: true

require_relative "../../read/address_owners"
require_relative "../../read/address_search"
require_relative "../../read/membership"
require_relative "premise"

module CrmSync
  module Contacts
    class Premises
      # The address that led to the contact or the lead is still the user's own and trusted as it was, and nobody else
      # has it by stronger trust.
      class Address < Premise
        # (see Premise::VALUES)
        VALUES = %i[address tier].freeze
        LETTERS = "'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz'"
        private_constant :LETTERS

        # @see Premise#initialize
        def initialize(schema)
          super
          @search = AddressSearch.new(schema)
        end

        # @see Premise#columns
        def columns(_written)
          key = @schema.address_model.type_for_attribute(@schema.association.foreign_key)
          [
            column("owner", "(SELECT #{owner} FROM #{table})") { |change| key.serialize(change.key) },
            column("address", "(SELECT LOWER(#{text}) FROM #{table})") { |change| change.basis.address },
            column("tier", "0") { |change| change.basis.tier if change.basis.address }
          ]
        end

        # @see Premise#conditions
        def conditions(_written)
          tiers = @declaration.tiers.each_with_index.map do |tier, place|
            stronger = stronger_than(place).map { |other| "NOT #{others_sql(other)}" }
            "WHEN #{place} THEN #{[own_sql(tier), *stronger].join(" AND ")}"
          end
          ["CASE #{given("tier")} #{tiers.join(" ")} ELSE TRUE END"]
        end

        # Finds the changes whose address another user may have by stronger trust, in a spelling that the database's
        # lower case does not find.
        #
        # @param changes (see Premise#doubtful)
        # @return (see Premise#doubtful)
        def doubtful(changes)
          weaker = changes.select { |change| change.basis.address && change.basis.tier.positive? }
          return [] if weaker.empty?

          odd = @search.odd_addresses(stronger_than(weaker.map { |change| change.basis.tier }.max))
          weaker.select { |change| odd.include?(change.basis.address) }
        end

        # @param change [#key, #basis]
        # @param facts (see Premise#moved_beside)
        # @return (see Premise#moved_beside)
        def moved_beside(change, facts)
          return unless change.basis.address
          return "its address is no longer trusted" unless own?(change, facts)

          "its address is another's by stronger trust" if others?(change, facts)
        end

        # @see Premise#dump
        def dump(basis)
          { "address" => basis.address, "trust" => basis.tier && @declaration.tiers[basis.tier].scope }
        end

        # @see Premise#load
        def load(kept, stale)
          trust = kept["trust"]
          tier = trust && @declaration.tiers.index { |known| known.scope.to_s == trust }
          stale.call("it trusts #{trust}, which the declaration does not any more") if trust && tier.nil?
          { address: kept["address"], tier: }
        end

        private

        def stronger_than(place) = @declaration.tiers.first(place)

        # Finds the addresses that differ from the given one only by case; {Email.normalize} makes more of them equal
        # than these. The result is an array because an EXISTS would be hashed: over all addresses there are, for each
        # batch.
        def own_sql(tier)
          lower = "TRANSLATE((#{text})::text, #{LETTERS})"
          "(#{given("address")})::text COLLATE \"C\" = ANY (ARRAY(" \
            "#{trusted(lower, tier)} AND #{owner} = #{given("owner")}))"
        end

        # Finds the candidates; {#moved_beside} checks which of them really have the address.
        def others_sql(tier)
          "EXISTS (#{trusted("1", tier)} AND #{owner} <> #{given("owner")} AND #{AddressOwners.sql(@schema)} " \
            "AND LOWER(#{text}) = #{given("address")})"
        end

        def trusted(what, tier) = "SELECT #{what} FROM #{table} WHERE #{Membership.sql(@schema.tier(tier))}"

        def table = @schema.address_model.quoted_table_name

        def owner = "#{table}.#{quote(@schema.association.foreign_key)}"

        def text = "#{table}.#{quote(@schema.key.column)}"

        def own?(change, facts)
          pairs(change.basis.tier, facts).include?([key(change), change.basis.address])
        end

        def others?(change, facts)
          stronger_than(change.basis.tier).any? do |tier|
            holders(tier, facts).fetch(change.basis.address, []).any? { |other| other != key(change) }
          end
        end

        # Returns pairs of users and their own addresses.
        def pairs(tier, facts)
          facts.read(:pairs, tier) do |changes|
            name = @schema.association.foreign_key
            keys = changes.select { |change| change.basis.address && change.basis.tier == tier }.map(&:key)
            rows = @schema.tier(@declaration.tiers[tier]).where(name => keys)
            rows.pluck(name, @schema.key.column).to_set { |key, text| [key.to_s, Email.normalize(text)] }
          end
        end

        # Returns the users who have the addresses of those who trust them less.
        def holders(tier, facts)
          facts.read(:holders, tier) do |changes|
            stronger = @declaration.tiers.index(tier)
            weaker = changes.select { |change| change.basis.address && change.basis.tier > stronger }
            @search.holders(tier, weaker.map { |change| change.basis.address })
          end
        end
      end
    end
  end
end
