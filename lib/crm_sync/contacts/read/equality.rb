# frozen_string_literal: true

require_relative "countable"
require_relative "user_sql"

module CrmSync
  module Contacts
    # Builds conditions that a user has one of several values, compared as the core compares them. The type or the
    # collation of a column can treat different texts as equal. A float column may have fewer digits than a float in
    # Ruby, and converts a text to its own type.
    class Equality
      # @param schema [CrmSync::Contacts::Schema]
      # @param database [CrmSync::Database::PostgreSQL, CrmSync::Database::SQLite]
      def initialize(schema, database)
        @schema = schema
        @texts = database.texts
        @sql = UserSql.new(schema, database)
        @countable = Countable.new(schema)
      end

      # @param column [Symbol]
      # @param values [Array<Object>] the values as the model has them, none of them nil
      # @return [Arel::Nodes::SqlLiteral, Hash] the condition
      def among(column, values)
        own = comparable(column)
        return { column => values } if own.nil? || values.empty?

        texts = values.map { |value| @schema.connection.quote(@schema.canonical(column, value).to_s) }
        Arel.sql("#{own} IN (#{texts.join(", ")})")
      end

      # @param column [Symbol] a text column
      # @return [String] SQL for the text in a form that equals no other text: a collation can ignore a hyphen
      def text(column)
        own = @sql.column(column)
        plain?(@schema.column(column)) || @texts.nil? ? own : @texts.exact(own)
      end

      private

      # Returns SQL for the value in the form in which it is compared with texts; nil where the database compares values
      # as the core does.
      def comparable(column)
        own = @sql.column(column)
        return own if @schema.column(column).type == :float

        @texts&.exact(own) if @countable.text?(column) && !plain?(@schema.column(column))
      end

      # Returns whether texts in the column are equal only if all bytes are, so that an index on it can be used. Rails
      # does not know all collations of SQLite.
      def plain?(stored) = @schema.postgresql? && stored.type != :citext && !@schema.collated?(stored)
    end
    private_constant :Equality
  end
end
