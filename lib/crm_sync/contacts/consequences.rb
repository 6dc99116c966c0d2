# frozen_string_literal: true

require_relative "transitions"

module CrmSync
  module Contacts
    # What belongs to a transition beside the columns: hooks, and what has to be written back to the contact.
    # @api private
    class Consequences
      def initialize(schema, outbox)
        @declaration = schema.declaration
        @transitions = Transitions.new(schema)
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
        @transitions.hooks(change.after)
      end

      def write_backs(change)
        @transitions.write_backs(change.contact_id, change.after)
      end

      def write(write_back, record, change)
        value = record.public_send(write_back.with)
        [change.contact_id, { write_back.field => value }] unless value.nil?
      end
    end
  end
end
