# frozen_string_literal: true

require_relative "../../store/preemptible"
require_relative "consequences"

module CrmSync
  module Contacts
    # Carries out what follows the changes of a batch. Their records are loaded only if something follows.
    class SetFollowing
      # The number of records that are loaded at once. Other threads wait while Rails instantiates them.
      RECORDS = 100
      # The number of changes that a block of +after_batch+ is given at once. Other threads wait while it builds its
      # statements.
      CHANGES = 50
      private_constant :RECORDS, :CHANGES

      # @param schema [CrmSync::Contacts::Schema]
      # @param consequences [CrmSync::Contacts::Consequences]
      def initialize(schema, consequences)
        @schema = schema
        @declaration = schema.declaration
        @consequences = consequences
      end

      # Runs the hooks, and records write-backs. If a hook has ended the transaction, neither these nor the caller's own
      # rows may be recorded, because they would stay whatever becomes of the changes.
      # @param applied [Array<CrmSync::Contacts::Change>] the changes as they were stored
      # @yield after the hooks, to check whether one of them has ended the transaction
      # @return [void]
      def follow(applied)
        changes = Preemptible.new(applied).select { |change| @consequences.any?(change) }
        return if changes.empty?

        effects = changes.each_slice(RECORDS).flat_map { |slice| effects(slice) }
        yield
        @consequences.record(effects) if effects.any?
      end

      # Runs the blocks that are declared for whole batches.
      #
      # @param applied (see #follow)
      # @yield (see #follow)
      # @return [void]
      def run_batch_hooks(applied)
        return if @declaration.batch_hooks.empty?

        Preemptible.new(applied.each_slice(CHANGES)).each do |slice|
          @declaration.batch_hooks.each { |hook| hook.block.call(slice) }
        end
        yield
      end

      private

      def effects(changes)
        records = @consequences.records(changes)
        Preemptible.new(changes).flat_map do |change|
          @consequences.of(records.fetch(@schema.canonical_key(change.key)), change)
        end
      end
    end
    private_constant :SetFollowing
  end
end
