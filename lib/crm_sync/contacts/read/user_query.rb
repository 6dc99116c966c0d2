# frozen_string_literal: true

require_relative "key_sql"
require_relative "user_sql"

module CrmSync
  module Contacts
    # Builds the one statement that reads the users who can be concerned, the trusted values of keys, and the count of
    # all users: one statement, so one snapshot, also inside a transaction of the host.
    class UserQuery
      # @param schema [CrmSync::Contacts::Schema]
      # @param database [CrmSync::Database::PostgreSQL, CrmSync::Database::SQLite]
      def initialize(schema, database)
        @database = database
        @sql = UserSql.new(schema, database)
        @keys = KeySql.all(schema, database)
      end

      # @return [String] the statement, whose only column is the packed text
      def to_sql
        [users, *values, count].join("\nUNION ALL\n")
      end

      private

      def users
        "SELECT #{@sql.row} FROM #{@sql.table} WHERE #{@sql.everybody} AND (#{@sql.concerned})"
      end

      def values
        @keys.map { |key| "SELECT #{key.row("a")} FROM #{key.source} WHERE #{key.trusted_and_owned}" }
      end

      def count
        "SELECT 'c' || #{@database.pack("COUNT(*)")} FROM #{@sql.table} WHERE #{@sql.everybody}"
      end
    end
    private_constant :UserQuery
  end
end
