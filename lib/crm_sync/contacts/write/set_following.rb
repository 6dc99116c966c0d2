# frozen_string_literal: true

require_relative "consequences"

module CrmSync
  module Contacts
    # Carries out what follows the changes of a batch. Their records are loaded only if something follows.
    class SetFollowing
      # @param schema [CrmSync::Contacts::Schema]
      # @param consequences [CrmSync::Contacts::Consequences]
      def initialize(schema, consequences)
        @schema = schema
        @declaration = schema.declaration
        @consequences = consequences
      end

      # @param applied [Array<CrmSync::Contacts::Change>] as they were stored
      # @return [void]
      def follow(applied)
        changes = applied.select { |change| @consequences.any?(change) }
        return if changes.empty?

        records = records(changes)
        effects = changes.flat_map { |change| @consequences.of(records.fetch(canonical(change.key)), change) }
        @consequences.record(effects) if effects.any?
      end

      private

      # Finds the records also outside of the default scope: the column that was written may have taken them out of it.
      def records(changes)
        model = @schema.model
        found = model.unscoped.where(model.primary_key => changes.map(&:key))
        # Preloads the values of keys: every record may be asked which of its addresses to write back.
        found = found.preload(@schema.associations_of_keys) if @declaration.write_backs.any?
        found.index_by { |record| canonical(record.id) }
      end

      def canonical(key)
        @schema.canonical(@schema.model.primary_key, key)
      end
    end
    private_constant :SetFollowing
  end
end
