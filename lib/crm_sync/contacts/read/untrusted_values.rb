# frozen_string_literal: true

require "uri"
require_relative "part"
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
      # The largest number of records that one query returns: no person reads the names of more.
      LIMIT = 200
      private_constant :Place, :LIMIT

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @declaration = schema.declaration
        @spelling = Spelling.new(schema)
        @ignored = @declaration.ignored.to_a.filter_map { |address| Email.normalize(address) }
      end

      # @param user [Object] a primary key
      # @return [Array<String>] a line for each of these values, in which no address is shown in full, and one if
      #   Salesforce does not answer; none for a user who is linked, or is not of this sync
      def story(user)
        return [] unless unlinked?(user)

        searched = @schema.keys.flat_map { |key| places(key).map { |place| [key, place] } }
        searched.each_with_object([]) do |(key, place), story|
          story.concat(lines(key, place, user))
        rescue RemoteError => e
          break story << unasked(place, e)
        end
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
        answers = queries(key, place, others).map { |soql| Salesforce.client(@declaration.org).query(soql).to_a }
        found = pairs(place, answers.flatten(1), others, search, trusted)
        [*named(key, place, found), *(more(place) if answers.any? { |rows| rows.size == LIMIT })]
      end

      def named(key, place, found)
        scopes = place.tiers.map(&:scope).join(", ")
        found.group_by(&:first).map do |value, pairs|
          ids = pairs.map(&:last).uniq.sort
          "#{Presentable.named(place.noun, ids)} #{ids.one? ? "has" : "have"} the user's #{shown(key, value)}, which " \
            "is in no trusted scope (#{scopes})"
        end
      end

      def more(place)
        "there may be more #{place.noun.pluralize} with the user's untrusted values: only #{LIMIT} were read at once"
      end

      def unasked(place, error)
        "Salesforce could not be asked for #{place.noun.pluralize} with the user's untrusted values: #{error.message}"
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
      def pairs(place, rows, texts, search, trusted)
        rows.flat_map do |row|
          values = place.fields.filter_map { |path| search.normalize(row.dig(*path.split("."))) }
          values.intersect?(trusted) ? [] : (texts & values).map { |value| [value, row["Id"]] }
        end
      end

      # Returns queries that each fit into a request. Leaves out a value that does not fit even by itself: no field can
      # have it either.
      def queries(key, place, texts)
        return [] if texts.empty?

        condition = Part.any(@spelling.lists(key, place.side, texts))
        return [] if condition == Part::NOTHING

        soql = query(place, condition)
        return [soql] if URI.encode_www_form_component(soql).bytesize <= Salesforce::Soql::MAX_BYTES

        texts.one? ? [] : halves(texts).flat_map { |half| queries(key, place, half) }
      end

      def halves(texts) = texts.each_slice((texts.size + 1) / 2)

      def query(place, condition)
        "SELECT #{["Id", *place.fields].uniq.join(", ")} FROM #{place.source.object} " \
          "WHERE #{place.source.and_also(condition)} LIMIT #{LIMIT}"
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
