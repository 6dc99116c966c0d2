# frozen_string_literal: true

require_relative "address_search"

module CrmSync
  module Contacts
    # Finds the records that somebody asks about: by a record, its key, an address, or the id of a contact or lead.
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
        return exact(asked).tap { |key| refuse(asked) if key.nil? } unless asked.is_a?(ActiveRecord::Base)

        key_of_record(asked) || raise(ArgumentError, "the #{asked.class.name} is not saved; save it first")
      end

      # @param asked [ActiveRecord::Base, Object]
      # @return [Array(Array<Object>, String)] the keys of the records, and how they were found; the latter is nil for a
      #   record or a key that was given itself
      # @raise [ArgumentError] when +asked+ is none of these
      # @raise [CrmSync::RemoteError] when Salesforce is asked and does not answer
      def keys(asked)
        return [[key_of_record(asked)], nil] if asked.is_a?(ActiveRecord::Base)
        return [[], "it holds a NUL or is not UTF-8, and leads to nobody"] if unreadable?(asked.to_s)

        own = exact(asked)
        return [[own], nil] if own && there?(own)

        by_text(asked.to_s.strip) || (own ? [[own], nil] : refuse(asked))
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
        return record.id if record.is_a?(model)
        return record[@schema.association.foreign_key] if record.is_a?(@schema.address_model)

        raise ArgumentError, "it is a #{record.class.name}, and this sync is about #{model.name}; give a #{model.name}"
      end

      # Compares the key with its text: Rails would read "34abc" as 34.
      def exact(asked)
        key = @schema.type(model.primary_key).cast(asked)
        key if key && key.to_s == asked.to_s.strip
      end

      # Returns whether no database could hold the text, or no person have it.
      def unreadable?(text)
        !text.valid_encoding? || text.include?("\0")
      end

      def by_text(text)
        if text.include?("@") then by_address(text)
        elsif RecordId.long(text) then by_id(text)
        end
      end

      def there?(key)
        model.unscoped.exists?(model.primary_key => key)
      end

      def by_address(text)
        keys = with_addresses([text])
        [keys, keys.any? ? "has the address" : "no user has this address"]
      end

      def by_id(text)
        ids = RecordId.spellings(text)
        keys = model.where(@declaration.foreign_key => ids).order(model.primary_key).pluck(model.primary_key)
        return [keys, "is linked to contact #{ids.first}"] if keys.any?

        source = source_of(text) or return [[], "#{text} is the id of neither a contact nor a lead"]
        by_source(source, ids.first)
      end

      def by_source(source, id)
        name = "#{source.equal?(@declaration.leads) ? "lead" : "contact"} #{id}"
        row = Salesforce.client(@declaration.org).retrieve(source.object, [id], source.emails).first
        return [[], "#{name} is not there, and no user is linked to it"] unless row

        keys = with_addresses(source.emails.map { |path| row.dig(*path.split(".")) })
        [keys, keys.any? ? "has an address of #{name}" : "no user is linked to #{name} or has one of its addresses"]
      end

      def source_of(id)
        sources = [@declaration.contacts, @declaration.leads].compact
        sources.find { |source| PREFIXES[source.object] == id.first(3) } ||
          sources.find { |source| !PREFIXES.key?(source.object) }
      end

      def with_addresses(texts)
        wanted = texts.filter_map { |text| Email.normalize(text) }
        AddressSearch.new(@schema).owners(wanted).uniq.sort
      end

      def refuse(asked)
        given = asked.is_a?(String) || asked.is_a?(Symbol) ? Presentable.text(asked).inspect : Given.kind(asked)
        raise ArgumentError, "#{given} is not a key of #{model.name}, an address, or the id of a contact or lead"
      end
    end
    private_constant :KeySelection
  end
end
