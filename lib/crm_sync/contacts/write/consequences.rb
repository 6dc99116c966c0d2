# frozen_string_literal: true

require_relative "../../salesforce/outbound"
require_relative "../../store/preemptible"
require_relative "../decide/causes"
require_relative "../decide/transitions"

module CrmSync
  module Contacts
    # Carries out what follows a change besides the write of its columns: hooks, and write-backs to the contact.
    class Consequences
      # A write-back that follows the change of a record; +fields+ is the field and its value, as JSON.
      Effect = Struct.new(:key, :change, :write_back, :fields)

      def initialize(schema, outbox)
        @schema = schema
        @declaration = schema.declaration
        @causes = Causes.new(schema)
        @transitions = Transitions.new(schema)
        @outbox = outbox
      end

      # @param change [CrmSync::Change]
      # @return [Boolean] whether the change has consequences
      def any?(change)
        hooks(change).any? || write_backs(change).any?
      end

      # Runs the hooks of a record that was written, within the caller's transaction.
      # @param record [ActiveRecord::Base] the record after the write
      # @param change [CrmSync::Change] the change as it was stored
      # @return [Array<Effect>] the write-backs, to be recorded in the same transaction
      # @raise [CrmSync::MappingError] when Salesforce cannot take a value that is to be written back
      def of(record, change)
        @schema.complete(record) # which may have been reloaded after it was saved
        hooks(change).each { |hook| hook.block.call(record, change) }
        effects(record, change)
      end

      # Computes the write-backs again, from the records as they are now: their addresses may have been loaded before
      # hooks and callbacks wrote to them.
      #
      # @param written [Array<RecordBatch::Written>]
      # @return (see #of)
      # @raise (see #of)
      def renewed(written)
        followed = written.select { |one| write_backs(one.stored).any? }
        records = followed.empty? ? {} : records(followed.map(&:stored))
        followed.flat_map do |one|
          record = records[@schema.canonical_key(one.stored.key)]
          record ? effects(record, one.stored) : one.effects
        end
      end

      # @param changes [Array<CrmSync::Change>] changes that have been written
      # @return (see Schema#load_records)
      def records(changes) = @schema.load_records(changes.map(&:key), preloaded(changes))

      # @param changes [Array<CrmSync::Change>]
      # @return [Array<Symbol>] the associations that the methods of write-backs may read, such as to choose which of a
      #   record's addresses is written back
      def preloaded(changes)
        needed = @schema.model.strict_loading_by_default || changes.any? { |change| write_backs(change).any? }
        needed ? @schema.associations_of_keys : []
      end

      # Records write-backs in the outbox.
      # @param effects [Array<Effect>] at least one
      # @return [void]
      def record(effects)
        there = there(effects)
        @outbox.record(@declaration.contacts.object, Preemptible.new(effects).map do |effect|
          cause = @causes.dump(effect.write_back, effect.change, there: there.include?(effect.key))
          [effect.change.contact_id, effect.fields, cause]
        end)
      end

      private

      def hooks(change)
        @transitions.hooks(change)
      end

      def write_backs(change)
        @transitions.write_backs(change)
      end

      # Returns the keys of the records that are still users of the sync after the write.
      def there(effects)
        keys = effects.map(&:key).uniq
        return keys.to_set if @schema.everyone?

        @schema.keyed(@schema.users, keys).pluck(@schema.model.primary_key).to_set
      end

      def effects(record, change)
        write_backs(change).filter_map { |write_back| effect(write_back, record, change) }
      end

      def effect(write_back, record, change)
        value = record.public_send(write_back.with)
        Effect.new(record.id, change, write_back, fields(write_back, value)) unless value.nil?
      end

      def fields(write_back, value)
        Outbound.json(write_back.field => value)
      rescue ArgumentError => e
        what = "write_back #{write_back.field.inspect}, with: #{write_back.with.inspect}"
        @declaration.refuse(write_back.line, "#{what}: #{e.message}")
      end
    end
    private_constant :Consequences
  end
end
