# frozen_string_literal: true

require_relative "../keep/stored_values"
require_relative "transitions"

module CrmSync
  module Contacts
    # Keeps the values that users got together with {Causes}, and reads each of them once for a batch of rows, most of
    # which have the same few.
    class CauseValues
      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @stored = StoredValues.new(schema)
        @transitions = Transitions.new(schema)
        forget
      end

      # Forgets the values of the batch before: there may be any number of them.
      # @return [void]
      def forget
        @declared = {}
        @canonical = {}
      end

      # @param column [Symbol]
      # @param value [Object] as the model has it
      # @return [Object] for JSON
      def dump(column, value) = @stored.dump(column, value)

      # @param cause [Hash{String => Object}]
      # @return [Object] the value that the user got, in a form in which equal ones are the same
      def canonical(cause)
        @canonical.fetch(cause.values_at("column", "value")) do |asked|
          @canonical[asked] = @schema.canonical(cause["column"].to_sym, stored(cause))
        end
      end

      # @param cause (see #canonical)
      # @return [Declaration::WriteBack, nil] the write-back of the cause, if the declaration has it still
      def declared(cause)
        @declared.fetch(cause.values_at("field", "column", "value")) do |asked|
          @declared[asked] = @transitions.write_back(cause["field"], cause["column"]) { stored(cause) }
        end
      end

      private

      def stored(cause)
        @stored.load(cause["column"].to_sym, cause["value"])
      end
    end
    private_constant :CauseValues
  end
end
