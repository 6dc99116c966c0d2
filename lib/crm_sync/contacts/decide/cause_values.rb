# frozen_string_literal: true

require "json"
require_relative "../keep/stored_values"
require_relative "transitions"

module CrmSync
  module Contacts
    # Stores the values that users got, as part of {Causes}, and reads them. Each value is read once for a batch of
    # rows, most of which have the same few values.
    class CauseValues
      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @stored = StoredValues.new(schema)
        @transitions = Transitions.new(schema)
        forget
      end

      # Clears the cache of the previous batch, so that it does not grow without limit.
      # @return [void]
      def forget
        @declared = {}
        @canonical = {}
      end

      # @param column [Symbol]
      # @param value [Object] the model's value
      # @return [Object] a value that JSON can hold
      def dump(column, value) = @stored.dump(column, value)

      # Parses the cause of a row. An error is yielded, so that a row that cannot be read does not prevent the others
      # from being sent.
      #
      # @param row [CrmSync::DueRows::Row]
      # @yieldparam error [CrmSync::Error] an error about a row that cannot be read
      # @return [Hash{String => Object}, nil] the cause, if it has one
      def cause(row)
        raise ArgumentError, "not an id" unless row.long_id

        row.cause && JSON.parse(row.cause).tap { |cause| key(cause.fetch("key")) }
      rescue StandardError # The message of this error is not used, because it may quote the row.
        yield Error.new("its row in the outbox cannot be read")
        nil
      end

      # @param cause [Hash{String => Object}] a cause that has been read
      # @return [Object] the canonical form of the value that the user got
      def canonical(cause)
        @canonical.fetch(cause.values_at("column", "value")) do |asked|
          @canonical[asked] = @schema.canonical(cause["column"].to_sym, stored(cause))
        end
      end

      # @param cause (see #canonical)
      # @return [Declaration::WriteBack, nil] the write-back of the cause; nil if it is no longer declared
      def declared(cause)
        @declared.fetch(cause.values_at("field", "column", "value")) do |asked|
          @declared[asked] = @transitions.write_back(cause["field"], cause["column"]) { stored(cause) }
        end
      end

      private

      # Refuses a key that the database cannot be queried for.
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
