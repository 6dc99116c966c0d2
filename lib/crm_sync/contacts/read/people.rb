# frozen_string_literal: true

require_relative "address_search"

module CrmSync
  module Contacts
    # Finds users by what leads from contacts to them, and what leads from them to contacts.
    class People
      # Ids of contacts in 18 characters, and addresses: normalized, and as they are spelled.
      Traces = Struct.new(:ids, :texts) do
        # @param other [Traces]
        # @return [Traces]
        def merge(other) = self.class.new(ids | other.ids, texts | other.texts)
      end

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @link = schema.declaration.foreign_key
        @search = AddressSearch.new(schema)
      end

      # @param ids [Array<String>] of contacts
      # @param values [Array<String>] normalized addresses
      # @return [Array<Object>] the keys of the users who have one of them
      def with(ids, values)
        keys = values.any? ? @search.owners(values) : []
        return keys.uniq if ids.empty?

        spellings = ids.flat_map { |id| RecordId.spellings(id) }
        keys | everybody.where(@link => spellings).pluck(key)
      end

      # @param keys [Array<Object>] of users
      # @return [Traces] what they are linked to, and their addresses
      def traces(keys)
        links = everybody.where(key => keys).where.not(@link => nil).pluck(@link)
        texts = @search.texts(keys)
        Traces.new(links.filter_map { |text| RecordId.long(text) },
                   texts.filter_map { |text| Email.normalize(text) } | texts.map(&:strip).reject(&:empty?))
      end

      # @param keys (see #traces)
      # @param ids [Array<String>] of contacts
      # @return [Boolean] whether all of these users are linked to one of them
      def linked?(keys, ids)
        links = everybody.where(key => keys).pluck(@link)
        links.all? { |link| link && ids.include?(RecordId.long(link)) }
      end

      private

      def everybody = @schema.everybody

      def key = @schema.model.primary_key
    end
    private_constant :People
  end
end
