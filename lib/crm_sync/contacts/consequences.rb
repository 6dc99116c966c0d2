# frozen_string_literal: true

module CrmSync
  module Contacts
    # What belongs to a transition beside the columns: hooks, and what has to be written back to the contact.
    # @api private
    class Consequences
      def initialize(schema, outbox)
        @schema = schema
        @declaration = schema.declaration
        @outbox = outbox
      end

      # @param change [CrmSync::Change]
      # @return [Boolean] whether it has any
      def any?(change)
        hooks(change).any? || write_backs(change).any?
      end

      # Runs the hooks and records the write-backs, within the caller's transaction.
      #
      # @param written [Array<Array(ActiveRecord::Base, CrmSync::Change)>] records as they are now, with their changes
      def follow(written)
        writes = written.flat_map do |record, change|
          hooks(change).each { |hook| hook.block.call(record, change) }
          write_backs(change).filter_map { |write_back| write(write_back, record, change) }
        end
        @outbox.record(@declaration.contacts.object, writes) if writes.any?
      end

      private

      def hooks(change)
        @declaration.hooks.select { |hook| reached?(hook, change) }
      end

      def write_backs(change)
        change.contact_id ? @declaration.write_backs.select { |write_back| reached?(write_back, change) } : []
      end

      def reached?(part, change)
        return false unless change.after.key?(part.column)

        wanted = @schema.cast(part.column, part.to, part.line)
        @schema.canonical(part.column, change.after[part.column]) == @schema.canonical(part.column, wanted)
      end

      def write(write_back, record, change)
        value = record.public_send(write_back.with)
        [change.contact_id, { write_back.field => value }] unless value.nil?
      end
    end
  end
end
