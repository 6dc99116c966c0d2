# frozen_string_literal: true

require_relative "owners"

module CrmSync
  module Contacts
    # Finds the records that somebody asks about: by a record, its primary key, a value of one of the keys, such as an
    # address, or the id of a contact or lead.
    class KeySelection
      # Prefixes of the ids of these objects, the same in every org.
      PREFIXES = { "Contact" => "003", "Lead" => "00Q" }.freeze
      private_constant :PREFIXES

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @declaration = schema.declaration
      end

      # @param asked [ActiveRecord::Base, Object]
      # @return [Object] the key of the record
      # @raise [ArgumentError] when +asked+ is neither a record of the model nor a key of one
      def key(asked)
        return key_of_record(asked) if asked.is_a?(ActiveRecord::Base)

        exact(asked).tap { |key| refuse(asked) if key.nil? }
      end

      # @param asked [ActiveRecord::Base, Object]
      # @return [Array(Array<Object>, String)] the keys of the records, and how they were found; the latter is nil if a
      #   record or its primary key was given
      # @raise [ArgumentError] when +asked+ is none of these
      # @raise [CrmSync::RemoteError] when Salesforce is asked and does not answer
      def keys(asked)
        return [[key_of_record(asked)], nil] if asked.is_a?(ActiveRecord::Base)
        return [[], "it holds a NUL or is not UTF-8, and leads to nobody"] if unreadable?(asked.to_s)

        own = exact(asked)
        return [[own], nil] if own && there?(own)

        by_text(asked.to_s.strip, own) || refuse(asked)
      end

      # @param records [Object] the records that a run is to be limited to
      # @return [void]
      # @raise [ArgumentError] when they are not records of the model
      def check_only(records)
        kind = records.respond_to?(:klass) ? records.klass : records
        return if kind.is_a?(Class) && kind <= model

        given = kind.is_a?(Class) ? "records of #{kind.name}" : Given.kind(records)
        raise ArgumentError, "only: takes #{model.name} records, such as #{model.name}.where(id: 7), and not #{given}"
      end

      private

      def model
        @schema.model
      end

      def key_of_record(record)
        key = record.is_a?(model) ? record.id : record[owner_column(record)]
        return @schema.unpadded_key(key) unless key.nil?

        problem = record.persisted? ? "belongs to no #{model.name}" : "is not saved; save it first"
        raise ArgumentError, "the #{record.class.name} #{problem}"
      end

      # Returns the column with the user's key in a row of another model.
      def owner_column(record)
        key = @schema.keys.find { |known| known.orphans? && record.is_a?(known.model) }
        return key.owner if key

        raise ArgumentError, "it is #{Given.kind(record)}, and this sync is about #{model.name}; give a record of " \
                             "#{model.name}"
      end

      # Returns the key that the text spells. Compares the key's own text, because Rails would read "34abc" as 34.
      def exact(asked)
        key = @schema.type(model.primary_key).cast(asked)
        key if key && key.to_s == asked.to_s.strip
      end

      # Returns whether no database could hold the text, or no user have it.
      def unreadable?(text)
        !text.valid_encoding? || text.include?("\0")
      end

      # Returns the records that the text leads to, and how; or the record with the text as its primary key, if it leads
      # to nobody else.
      def by_text(text, own)
        found = [(by_id(text) if RecordId.long(text)), Owners.new(@schema).of_value(text)].compact
        found.find { |keys, _| keys.any? } || (own ? [[own], nil] : found.first)
      end

      def there?(key)
        model.unscoped.exists?(model.primary_key => key)
      end

      def by_id(text)
        ids = RecordId.spellings(text)
        keys = @schema.link.holders(model.all, ids).map { |key, _| @schema.unpadded_key(key) }.sort
        return [keys, "is linked to contact #{ids.first}"] if keys.any?

        source = source_of(text) or return [[], "#{text} is the id of neither a contact nor a lead"]
        Owners.new(@schema).of_record(source, source.equal?(@declaration.leads), ids.first)
      end

      def source_of(id)
        sources = [@declaration.contacts, @declaration.leads].compact
        sources.find { |source| PREFIXES[source.object] == id.first(3) } ||
          sources.find { |source| !PREFIXES.key?(source.object) }
      end

      def refuse(asked)
        given = asked.is_a?(String) || asked.is_a?(Symbol) ? Presentable.text(asked).inspect : Given.kind(asked)
        raise ArgumentError, "#{given} is not a key of #{model.name}, a value that it is matched by, or the id of a " \
                             "contact or lead"
      end
    end
    private_constant :KeySelection
  end
end
