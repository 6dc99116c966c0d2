# frozen_string_literal: true

require_relative "../../../store/database"
require_relative "../../../store/preemptible"
require_relative "../../read/value_search"
require_relative "premise"
require_relative "value_sql"

module CrmSync
  module Contacts
    class Premises
      # The premise that the value that led to the contact or the lead, such as an address, still belongs to the user
      # and is trusted as it was, and that nobody else has it with stronger trust in the same key.
      class MatchedValue < Premise
        # (see Premise::VALUES)
        VALUES = %i[address tier].freeze
        # (see Premise::FORM)
        FORM = %w[address matched_by trust].to_h { |name| [name, KeptForm::Maybe.new(KeptForm::TEXT)] }.freeze

        # @see Premise#initialize
        def initialize(schema)
          super
          @searches = Hash.new { |searches, key| searches[key] = ValueSearch.new(schema, key) }
          @places = {}
          @stronger = {}
        end

        # @see Premise#columns
        def columns(_written)
          tier = column("tier", "0") { |change| change.basis.tier if change.basis.address }
          sqls.each_with_index.flat_map { |sql, place| columns_of(sql, place) }.push(tier)
        end

        # Looks up the values of a change only for its own record: a database that expects few records would otherwise
        # look up those of the whole batch for each record.
        #
        # @see Premise#conditions
        def conditions(_written)
          tiers = sqls.each_with_index.flat_map do |sql, place|
            found = sql.conditions(given("owner_#{place}"), given("value_#{place}"))
            found.map { |tier, condition| "WHEN #{tier} THEN #{condition}" }
          end
          its_own = "#{own(@schema.model.primary_key)} = #{given("key")}"
          ["CASE WHEN #{its_own} THEN CASE #{given("tier")} #{tiers.join(" ")} ELSE TRUE END ELSE FALSE END"]
        end

        # Finds the changes whose value another user may have with stronger trust, in a spelling that the database's
        # comparison does not find.
        #
        # @param changes (see Premise#doubtful)
        # @return (see Premise#doubtful)
        def doubtful(changes)
          weaker = Preemptible.new(changes).select do |change|
            change.basis.address && stronger_than(change.basis.tier).any?
          end
          odd = Hash.new { |values, key| values[key] = @searches[key].odd_values(key.places.to_a[0...-1]) }
          weaker.select { |change| odd[@schema.key_of(change.basis.tier)].include?(change.basis.address) }
        end

        # @param change [#key, #basis]
        # @param facts (see Premise#moved_beside)
        # @return (see Premise#moved_beside)
        def moved_beside(change, facts)
          return unless change.basis.address
          return "#{name(change)} #{lost(change)}" unless own?(change, facts)

          "#{name(change)} is another's by stronger trust" if others?(change, facts)
        end

        # @see Premise#dump
        def dump(basis)
          tier = basis.tier && tiers[basis.tier]
          { "address" => basis.address, "matched_by" => tier&.key&.name, "trust" => tier&.scope&.name }
        end

        # @see Premise#load
        def load(kept, stale)
          key, trust = kept.values_at("matched_by", "trust")
          tier = trust && place_of(key, trust)
          gone = "it was matched by #{key}, and trusts #{trust}, which the declaration does not any more"
          stale.call(gone) if trust && tier.nil?
          { address: kept["address"], tier: }
        end

        private

        def columns_of(sql, place)
          [
            column("owner_#{place}", sql.like_owner) { |change| sql.serialize(change.key) },
            column("value_#{place}", sql.like_value) do |change|
              change.basis.address if @schema.keys[place].places.cover?(change.basis.tier)
            end
          ]
        end

        def sqls = @sqls ||= @schema.keys.map { |key| ValueSql.new(@schema, key) }

        # Returns the name of the value for a message. Addresses are not shown in messages.
        def name(change)
          key = @schema.key_of(change.basis.tier)
          key.kind == :email ? "its address" : "its #{key.name}"
        end

        # Returns the words for a value that is not the user's any more.
        def lost(change)
          @schema.key_of(change.basis.tier).lead? ? "is another one" : "is no longer trusted"
        end

        # Returns the number of the tier in which a key trusts a scope; nil if the declaration does not have it.
        def place_of(key, trust)
          @places.fetch([key, trust]) do |names|
            @places[names] = tiers.index { |known| [known.key, known.scope].map(&:to_s) == names }
          end
        end

        def tiers = @tiers ||= @declaration.tiers

        # Returns the numbers of the tiers of the same key that have stronger trust.
        def stronger_than(tier) = @stronger[tier] ||= (@schema.key_of(tier).places.begin...tier).to_a

        def own?(change, facts)
          pairs(change.basis.tier, facts).include?([key(change), change.basis.address])
        end

        def others?(change, facts)
          stronger_than(change.basis.tier).any? do |tier|
            holders(tier, facts).fetch(change.basis.address, []).any? { |other| other != key(change) }
          end
        end

        # Returns pairs of the users of this tier's changes and their values.
        def pairs(tier, facts)
          facts.read(:pairs, tier) do |changes|
            keys = changes.select { |change| change.basis.address && change.basis.tier == tier }.map(&:key)
            search(tier).pairs(tier, keys)
          end
        end

        # Returns the users who have in this tier the values that changes of weaker tiers rely on.
        def holders(tier, facts)
          facts.read(:holders, tier) do |changes|
            weaker = changes.select { |change| change.basis.address && stronger_than(change.basis.tier).include?(tier) }
            search(tier).holders(tier, weaker.map { |change| change.basis.address })
          end
        end

        def search(tier) = @searches[@schema.key_of(tier)]
      end
    end
  end
end
