# frozen_string_literal: true

require_relative "spelling"
require_relative "value_search"

module CrmSync
  module Contacts
    # Finds the contacts and leads that have a value of a user which is in none of the trusted scopes, and so leads
    # nowhere. People who look for the reason find such a value on both sides.
    class UntrustedValues
      # Represents a place to search: the word for a record, the source, its fields with values of the key, and the
      # trusted scopes that count for it.
      Place = Struct.new(:noun, :source, :side, :fields, :tiers)
      # The number of values in one query, which must fit into a URL.
      SLICE = 50
      private_constant :Place, :SLICE

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @declaration = schema.declaration
        @spelling = Spelling.new(schema)
        @ignored = @declaration.ignored.to_a.filter_map { |address| Email.normalize(address) }
      end

      # @param user [Object] a primary key
      # @return [Array<String>] a line for each of these values, in which no address is shown in full; none for a user
      #   who is linked, or is not of this sync
      # @raise [CrmSync::RemoteError] when Salesforce does not answer
      def story(user)
        return [] unless unlinked?(user)

        @schema.keys.flat_map { |key| places(key).flat_map { |place| lines(key, place, user) } }
      end

      private

      def unlinked?(user)
        users = @schema.users.where(@schema.model.primary_key => user)
        @schema.link.joined(users).pluck(Arel.sql(@schema.link.sql)) == [nil]
      end

      def places(key)
        places = [Place.new("contact", @declaration.contacts, :to, key.to, key.tiers)]
        if @declaration.leads_matter?
          places << Place.new("lead", @declaration.leads, :leads, key.leads, key.tiers & @declaration.lead_tiers)
        end
        places.select { |place| place.fields.any? && place.tiers.any? }
      end

      def lines(key, place, user)
        search = ValueSearch.new(@schema, key)
        trusted, others = values(key, search, place.tiers, user)
        found = others.each_slice(SLICE).flat_map { |texts| pairs(key, place, texts, search, trusted) }
        scopes = place.tiers.map(&:scope).join(", ")
        found.group_by(&:first).map do |value, pairs|
          ids = pairs.map(&:last).uniq.sort
          "#{Presentable.named(place.noun, ids)} #{ids.one? ? "has" : "have"} the user's #{shown(key, value)}, which " \
            "is in no trusted scope (#{scopes})"
        end
      end

      # Returns the user's values in the tiers, and all others, normalized.
      def values(key, search, tiers, user)
        Database.for(@schema.connection).limited do
          numbers = key.places.zip(key.tiers).select { |_, tier| tiers.include?(tier) }.map(&:first)
          trusted = numbers.flat_map { |number| search.pairs(number, [user]).map(&:last) }
          [trusted, all(search, user) - trusted - @ignored]
        end
      end

      def all(search, user)
        readable = search.texts([user]).select { |text| text.valid_encoding? && !text.include?("\0") }
        readable.filter_map { |text| search.normalize(text) }.uniq
      end

      # Returns these values, each with the id of a record that has it. Leaves out records that also have a trusted
      # value of the user.
      def pairs(key, place, texts, search, trusted)
        rows(key, place, texts).flat_map do |row|
          values = place.fields.filter_map { |path| search.normalize(row.dig(*path.split("."))) }
          values.intersect?(trusted) ? [] : (texts & values).map { |value| [value, row["Id"]] }
        end
      end

      def rows(key, place, texts)
        asked = condition(key, place, texts)
        return [] if asked.empty?

        conditions = [place.source.condition, asked].compact.map { |condition| "(#{condition})" }.join(" AND ")
        soql = "SELECT #{["Id", *place.fields].uniq.join(", ")} FROM #{place.source.object} WHERE #{conditions}"
        Salesforce.client(@declaration.org).query(soql)
      end

      def condition(key, place, texts)
        lists = place.fields.to_h { |field| [field, @spelling.of(key, place.side, field, texts)] }
        named = lists.reject { |_, list| list.empty? }
        named.map { |field, list| "#{field} IN #{Salesforce::Soql.quote(list)}" }.join(" OR ")
      end

      # Shows a value as the core does: an address so that a person can recognize it, but without giving it away.
      def shown(key, value)
        noun = key.kind == :email ? "address" : key.name
        return "#{noun} #{Presentable.value(value)}" unless value.include?("@")

        local, _, domain = value.gsub(/[[:cntrl:]]/, "").rpartition("@")
        "#{noun} #{local.first}…@#{domain.first(80)}"
      end
    end
    private_constant :UntrustedValues
  end
end
