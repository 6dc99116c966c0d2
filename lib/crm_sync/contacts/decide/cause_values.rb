# frozen_string_literal: true

require "json"
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

      # Reads a row before it is decided on together with others, which it must not keep from being sent.
      #
      # @param row [CrmSync::DueRows::Row]
      # @yieldparam error [CrmSync::Error] about a row that cannot be read
      # @return [Hash{String => Object}, nil] the cause, if it has one
      def cause(row)
        raise ArgumentError, "not an id" unless row.long_id

        row.cause && JSON.parse(row.cause).tap { |cause| key(cause.fetch("key")) }
      rescue StandardError # whose message may quote what stands there
        yield Error.new("its row in the outbox cannot be read")
        nil
      end

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

      # Refuses a key that the database could not be asked for.
      def key(text)
        @schema.serialize(@schema.model.primary_key, @schema.type(@schema.model.primary_key).cast(text))
      end

      def stored(cause)
        @stored.load(cause["column"].to_sym, cause["value"])
      end
    end
    private_constant :CauseValues
  end
end
