# frozen_string_literal: true

require_relative "countable"
require_relative "needed_query"

module CrmSync
  module Contacts
    # Decides whether users are read by need, which takes longer for each user who is read, or all of them. It counts in
    # the database, because an estimate can be wrong by any factor.
    class Need
      # The number of users up to which all are read at once, while contacts and leads are still on their way.
      FEW = 10_000
      # The share of the users up to which those are read who are needed: where both ways take as long.
      SHARE = 0.5
      LETTERS = [*"A".."Z"].join.freeze
      private_constant :FEW, :SHARE, :LETTERS

      # @param schema [CrmSync::Contacts::Schema]
      # @param database [CrmSync::Database::PostgreSQL, CrmSync::Database::SQLite]
      def initialize(schema, database)
        @schema = schema
        @connection = schema.connection
        @texts = database.texts
        @sql = UserSql.new(schema, database)
        @keys = KeySql.all(schema, database)
        @query = NeededQuery.new(schema, database)
      end

      # @return [Boolean] whether it is worth a look who is needed
      def possible?
        at_least?(FEW + 1) && @texts&.known? && Countable.new(@schema).all? && plain_lower_case?
      end

      # Counts, while contacts and leads are on their way.
      # @return [self]
      def count
        @needed = number("SELECT COUNT(*) FROM #{@sql.from} WHERE #{@sql.everybody} AND #{@query.needed}")
        self
      end

      # Takes those who are linked for those who have the values: once most are linked, they mostly are.
      #
      # @param values [Integer] the number of values of contacts and leads
      # @return [Boolean] whether those who are needed are few enough
      def pays?(values)
        at_least?(([@needed, values].max / SHARE).ceil)
      end

      private

      # Returns whether there are so many users, and counts no more of them.
      def at_least?(users)
        some = "SELECT 1 FROM #{@sql.table} WHERE #{@sql.everybody} LIMIT #{users}"
        number("SELECT COUNT(*) FROM (#{some}) some_users") >= users
      end

      def number(sql) = @connection.select_value(sql, "#{@schema.model.name} Count").to_i

      # Returns whether the database makes the lower case of ASCII as everybody does: in Turkish, I becomes another
      # letter. The language is that of the column.
      def plain_lower_case?
        addresses = @keys.select { |key| key.key.kind == :email }
        addresses.all? { |key| @connection.select_value(lower_case(key), "SCHEMA") == LETTERS.downcase }
      end

      def lower_case(key)
        texts = "SELECT #{key.value} AS value FROM #{key.source} WHERE 1 = 0 " \
                "UNION ALL SELECT #{@connection.quote(LETTERS)}"
        "SELECT LOWER(value) FROM (#{texts}) texts"
      end
    end
    private_constant :Need
  end
end
