# frozen_string_literal: true

require_relative "../../salesforce/outbound"
require_relative "../decide/causes"
require_relative "../decide/transitions"

module CrmSync
  module Contacts
    # Carries out what follows a transition beside the columns: hooks, and write-backs to the contact.
    class Consequences
      def initialize(schema, outbox)
        @model = schema.model
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

      # Runs the hooks and records the write-backs, within the caller's transaction.
      #
      # @param written [Array<Array(ActiveRecord::Base, CrmSync::Change)>] records as they are now, with their changes
      # @raise [CrmSync::MappingError] when Salesforce cannot take a value that is to be written back
      def follow(written)
        there = there(written)
        writes = written.flat_map do |record, change|
          hooks(change).each { |hook| hook.block.call(record, change) }
          write_backs(change).filter_map { |write_back| write(write_back, record, change, there) }
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

      # Returns the keys of the records that the default scope still shows after the write.
      def there(written)
        keys = written.select { |_, change| write_backs(change).any? }.map { |_, change| change.key }
        keys.any? ? @model.where(@model.primary_key => keys).pluck(@model.primary_key).to_set(&:to_s) : Set.new
      end

      def write(write_back, record, change, there)
        value = record.public_send(write_back.with)
        return if value.nil?

        cause = @causes.dump(write_back, change, there: there.include?(record.id.to_s))
        [change.contact_id, fields(write_back, value), cause]
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
