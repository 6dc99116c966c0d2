# frozen_string_literal: true

require_relative "value_search"

module CrmSync
  module Contacts
    # Finds the users to whom contacts lead, and what leads from users to contacts.
    class People
      # The ids of contacts, with 18 characters, and the values for each key, both in their normal form and as they are
      # spelled.
      Traces = Struct.new(:ids, :texts) do
        # @param other [Traces]
        # @return [Traces]
        def merge(other)
          self.class.new(ids | other.ids, texts.zip(other.texts).map { |own, more| own | more.to_a })
        end
      end

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @link = schema.link
        @searches = schema.keys.map { |key| ValueSearch.new(schema, key) }
        @ignored = schema.declaration.ignored.to_a.filter_map { |address| Email.normalize(address) }
      end

      # @param ids [Array<String>] the ids of contacts
      # @param values [Array<Array<String>>] the values for each key, in their normal form
      # @return [Array<Object>] the primary keys of the users who have one of them
      def with(ids, values)
        keys = @searches.zip(values).flat_map { |search, wanted| wanted.any? ? search.owners(wanted) : [] }
        return keys.uniq if ids.empty?

        keys | @link.holders(everybody, ids.flat_map { |id| RecordId.spellings(id) }).map(&:first)
      end

      # @param keys [Array<Object>] the primary keys of users
      # @return [Traces] the contacts that they are linked to, and their values
      def traces(keys)
        ids = links(keys).filter_map { |text| RecordId.long(text) }
        Traces.new(ids, @searches.map { |search| spellings(search, keys) })
      end

      # @param keys (see #traces)
      # @param ids [Array<String>] the ids of contacts
      # @return [Boolean] whether all of these users are linked to one of them
      def linked?(keys, ids)
        links(keys).all? { |link| link && ids.include?(RecordId.long(link)) }
      end

      private

      # Returns the contacts that the users are linked to, without the blanks that a column may be padded with: a
      # contact that is not asked for counts as gone.
      def links(keys)
        texts = @link.joined(everybody.where(primary_key => keys)).pluck(Arel.sql(@link.sql))
        texts.map { |text| @schema.canonical(@link.name, text) }
      end

      def spellings(search, keys)
        readable = search.texts(keys).select { |text| text.valid_encoding? && !text.include?("\0") }
        # Leaves out ignored addresses, which are nobody's: hundreds of contacts may have one.
        texts = readable.map(&:strip).reject { |text| text.empty? || @ignored.include?(search.normalize(text)) }
        texts.filter_map { |text| search.normalize(text) } | texts
      end

      def everybody = @schema.everybody

      def primary_key = @schema.model.primary_key
    end
    private_constant :People
  end
end
