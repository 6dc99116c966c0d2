# frozen_string_literal: true

require_relative "membership"

module CrmSync
  module Contacts
    # Builds the SQL condition that the sweep would change something: the user is in its scope, and a column has another
    # value than +unmatched+ sets. If the database cannot tell whether two values mean the same, they count as
    # different, so that the user is read and the core decides.
    class Swept
      # @param schema [CrmSync::Contacts::Schema]
      # @param texts [CrmSync::Database::PostgreSQLTexts, CrmSync::Database::SQLiteTexts]
      # @param sql [UserSql]
      def initialize(schema, texts, sql)
        @schema = schema
        @sweep = schema.declaration.sweep
        @texts = texts
        @sql = sql
      end

      # @return [String, nil] nil without a sweep
      def to_sql
        return unless @sweep

        differences = @sweep.set.map { |name, value| difference(name, @schema.cast(name, value, @sweep.line)) }
        "#{Membership.sql(@schema.scope(@sweep.scope))} AND (#{differences.join(" OR ")})"
      end

      private

      def difference(name, value)
        column = @sql.column(name)
        return "#{column} IS NOT NULL" if value.nil?

        text = text(name, value)
        text ? "(#{column} IS NULL OR #{other(name, column, text)})" : "(1 = 1)"
      end

      # Compares integers by two inequalities, because an index on the column can find the values that are less or
      # greater.
      def other(name, column, text)
        return "#{column} < #{text} OR #{column} > #{text}" if integer?(name, text)

        "#{@texts.exact(column)} <> #{quoted(text)}"
      end

      def integer?(name, text)
        stored = @schema.column(name)
        stored.type == :integer && !stored.try(:array) && text.match?(/\A-?\d+\z/)
      end

      # Returns a text that certainly has this meaning in the database, if there is one.
      def text(name, value)
        stored = @schema.connection.type_cast(@schema.serialize(name, value))
        return unless [String, Integer, TrueClass, FalseClass].any? { |type| stored.instance_of?(type) }

        text = stored.to_s
        text if @schema.canonical(name, @schema.from_database(name, text)) == @schema.canonical(name, value)
      end

      def quoted(text)
        @schema.connection.quote(text)
      end
    end
    private_constant :Swept
  end
end
