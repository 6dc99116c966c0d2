# frozen_string_literal: true

require_relative "key_sql"

module CrmSync
  module Contacts
    # Counts the trusted values of each key that users have: those that were read, or in the database if not all were
    # read (see {KeySql#count}).
    class ValueCounts
      # @param schema [CrmSync::Contacts::Schema]
      # @param facts [Hash] counts of what was read
      def initialize(schema, facts)
        @schema = schema
        @read = facts[:trusted_values]
        @blank = facts[:blank_values]
      end

      # @return [Boolean] whether they are known without the database
      def known? = !@read.nil?

      # @return [Hash{ResolvedKey => Integer}]
      def to_h
        return @schema.keys.index_with { |key| @read.values_at(*key.places).sum } if known?

        KeySql.all(@schema, Database.for(@schema.connection)).to_h { |sql| [sql.key, count(sql)] }
      end

      private

      # Leaves out values of white space, which the core has found among the values that it reads in any case.
      def count(sql)
        counted = @schema.connection.select_value(sql.count, "#{sql.key.model.name} Count").to_i
        [counted - @blank.values_at(*sql.key.places).sum, 0].max
      end
    end
    private_constant :ValueCounts
  end
end
