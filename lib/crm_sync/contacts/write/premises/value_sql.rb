# frozen_string_literal: true

require_relative "../../read/key_sql"

module CrmSync
  module Contacts
    class Premises
      # Builds the SQL conditions of {MatchedValue} for one key.
      class ValueSql
        LETTERS = "'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz'"
        private_constant :LETTERS

        # @param schema [CrmSync::Contacts::Schema]
        # @param key [ResolvedKey]
        def initialize(schema, key)
          @key = key
          @sql = KeySql.new(schema, key, Database.for(schema.connection))
        end

        # @return [String] SQL with the type of the column that holds the user's key
        def like_owner = "(SELECT #{@sql.owner} FROM #{@sql.source})"

        # @return [String] SQL with the type and the collation in which values are compared
        def like_value = "(SELECT #{comparable} FROM #{@sql.source})"

        # @param user [Object] the key of a user
        # @return [Object] the key as that column's type serializes it for the database
        def serialize(user) = @key.owner_type.serialize(user)

        # @param owner [String] the key of the user
        # @param given [String] a normalized value
        # @return [Hash{Integer => String}] for each tier, the condition that the value is the user's in this tier, and
        #   nobody else's in a stronger one
        def conditions(owner, given)
          @key.places.to_h do |tier|
            stronger = (@key.places.begin...tier).map { |other| "NOT #{others(other, owner, given)}" }
            [tier, [own(tier, owner, given), *stronger].join(" AND ")]
          end
        end

        private

        # Builds a condition that finds values that differ from the given one by letter case at most; the core's normal
        # form treats more values as equal. The result is an array because an EXISTS would be hashed, over all existing
        # values and for each batch.
        def own(tier, owner, given)
          "(#{given})::text COLLATE \"C\" = ANY (ARRAY(" \
            "#{trusted(lower, tier)} AND #{@sql.owner} = #{owner}))"
        end

        def lower
          text = "(#{@sql.value})::text"
          %i[email uuid].include?(@key.kind) ? "TRANSLATE(#{text}, #{LETTERS})" : text
        end

        # Builds a condition that finds candidates; {MatchedValue#moved_beside} checks which of them really have the
        # value.
        def others(tier, owner, given)
          found = [trusted("1", tier), "#{@sql.owner} <> #{owner}", @sql.owned, "#{comparable} = #{given}"].compact
          "EXISTS (#{found.join(" AND ")})"
        end

        # Returns SQL for the value as a text: the given value may come from a plan file, and be anything.
        def comparable = @key.native? ? "(#{@sql.comparable})::text" : @sql.comparable

        def trusted(what, tier) = "SELECT #{what} FROM #{@sql.source} WHERE #{@key.trust(tier)}"
      end
    end
  end
end
