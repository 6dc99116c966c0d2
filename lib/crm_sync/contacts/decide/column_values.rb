# frozen_string_literal: true

require_relative "meaning"
require_relative "type_errors"

module CrmSync
  module Contacts
    # Determines which values a column keeps as they are. Any other value would be cut off or converted, or refused by
    # the database in every run.
    class ColumnValues
      # The format for the significant digits of PostgreSQL's +real+.
      SINGLE = "%.6g"
      private_constant :SINGLE

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @labels = {}
      end

      # @param column [Symbol, String]
      # @param value [Object] not +nil+
      # @return [Boolean] whether the column returns the value as it was written
      def keep?(column, value)
        return value.is_a?(String) && enum(column).key?(value) if enum(column)

        type = @schema.type(column)
        cast = type.cast(value)
        return false if cast.nil?

        stored = type.serialize(cast)
        room?(column, stored) && Meaning.same?(value, type.deserialize(stored))
      rescue StandardError => e
        raise unless TypeErrors.of_value?(e)

        false
      end

      # Returns whether a declaration may use the value. It may also use a Symbol for a String, and the stored value of
      # an enum for its name.
      #
      # @param column [Symbol, String]
      # @param value [Object] not +nil+
      # @return [Boolean]
      def declare?(column, value)
        value = value.to_s if value.is_a?(Symbol)
        keep?(column, value) || (enum(column)&.value?(value) || false)
      end

      # @param column [Symbol, String]
      # @return [Hash{String => Object}, nil] the names and values of the column's enum, if the model declares one
      def enum(column)
        @schema.model.defined_enums[column.to_s]
      end

      private

      def room?(column, stored)
        definition = @schema.column(column)
        case stored
        when String then text?(stored) && short?(definition, stored) && label?(definition, stored)
        when Float then double?(definition) || (format(SINGLE, stored).to_f - stored).zero?
        when Numeric then digits?(definition, stored)
        else true
        end
      end

      def double?(definition)
        definition.sql_type != "real" || !@schema.postgresql?
      end

      # Refuses a NUL character as well: SQLite accepts it, but then counts the characters of the text only up to it.
      def text?(stored)
        stored.valid_encoding? && !stored.include?("\0")
      end

      def short?(definition, stored)
        limit = definition.limit if %i[string text citext].include?(definition.type)
        limit.nil? || stored.length <= limit
      end

      def digits?(definition, stored)
        return true unless definition.type == :decimal && definition.precision

        stored.abs < 10**(definition.precision - definition.scale.to_i)
      end

      # Returns whether the text is a label of the column's type, if that is a PostgreSQL enum.
      def label?(definition, stored)
        return true unless definition.type == :enum

        labels = @labels[definition.sql_type] ||= @schema.connection.select_values(<<~SQL, "SCHEMA")
          SELECT enumlabel FROM pg_enum WHERE enumtypid = #{@schema.connection.quote(definition.sql_type)}::regtype
        SQL
        labels.include?(stored)
      end
    end
    private_constant :ColumnValues
  end
end
