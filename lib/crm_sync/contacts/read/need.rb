# frozen_string_literal: true

require_relative "countable"
require_relative "letter_case"
require_relative "needed_query"

module CrmSync
  module Contacts
    # Decides whether only the needed users are read, which takes longer for each user who is read, or all users. It
    # counts in the database, because an estimate can be wrong by any factor.
    class Need
      # The number of users up to which all are read at once, while contacts and leads are still being fetched.
      FEW = 10_000
      # The share of needed users up to which only these are read: at this share both ways take as long.
      SHARE = 0.5
      private_constant :FEW, :SHARE

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

      # @return [Boolean] whether it is worth counting the users who are needed
      def possible?
        return false unless @texts&.known? && Countable.new(@schema).all?

        asked = [some_users, *@keys.filter_map { |key| LetterCase.new(key, @connection).query }]
        users, *letters = @connection.select_rows("SELECT #{asked.join(", ")}", name).first
        users.to_i > FEW && letters.all? { |found| LetterCase.usual?(found) }
      end

      # Counts the users while contacts and leads are being fetched, when the database has nothing else to do: the more
      # users there are, the longer this takes.
      # @return [self]
      def count
        needed = "SELECT COUNT(*) FROM #{@sql.from} WHERE #{@sql.everybody} AND #{@query.needed}"
        all = "SELECT COUNT(*) FROM #{@sql.table} WHERE #{@sql.everybody}"
        @needed, @users = @connection.select_rows("SELECT (#{needed}), (#{all})", name).first.map(&:to_i)
        self
      end

      # @return [Integer] the number of users when they were counted
      attr_reader :users

      # Assumes that the users who have the values are the linked ones: once most users are linked, they mostly are.
      # @param values [Integer] the number of values of contacts and leads
      # @return [Boolean] whether the users who are needed are few enough
      def pays?(values) = [@needed, values].max <= @users * SHARE

      private

      # Counts only as many users as it takes to see that there are more than {FEW}.
      def some_users
        some = "SELECT 1 FROM #{@sql.table} WHERE #{@sql.everybody} LIMIT #{FEW + 1}"
        "(SELECT COUNT(*) FROM (#{some}) some_users)"
      end

      def name = "#{@schema.model.name} Count"
    end
    private_constant :Need
  end
end
