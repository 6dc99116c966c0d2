# frozen_string_literal: true

require_relative "key_sql"
require_relative "user_sql"

module CrmSync
  module Contacts
    # Builds the one query that reads the users who can be concerned, the trusted values of keys, and the count of all
    # users. One query has one snapshot, also inside a transaction of the host.
    class UserQuery
      # @param schema [CrmSync::Contacts::Schema]
      # @param database [CrmSync::Database::PostgreSQL, CrmSync::Database::SQLite]
      # @param users [Array<Object>, nil] the primary keys of the users who are read; nil for all
      def initialize(schema, database, users: nil)
        @database = database
        @sql = UserSql.new(schema, database)
        @keys = KeySql.all(schema, database)
        @connection = schema.connection
        @users = users&.map { |key| schema.serialize(schema.model.primary_key, key) }
      end

      # @return [String] the query, whose only column is the packed text
      def to_sql
        [users, *values, count].join("\nUNION ALL\n")
      end

      private

      def users
        "SELECT #{@sql.row} FROM #{@sql.from} WHERE #{@sql.everybody} AND (#{@sql.concerned})#{among(@sql.key)}"
      end

      def values
        @keys.map { |key| key.orphans? && !@users ? owned_and_lost(key) : owned(key) }
      end

      def owned(key)
        "SELECT #{key.row("'a'")} FROM #{key.source} WHERE #{key.trusted_and_owned}#{owned_by_users(key)}"
      end

      def owned_and_lost(key)
        kind = "CASE WHEN crm_sync_user IS NULL THEN 'l' ELSE 'a' END"
        "SELECT #{key.row(kind)} FROM #{key.source_with_users} WHERE #{key.trusted}"
      end

      def count
        "SELECT 'c' || #{@database.pack("COUNT(*)")} FROM #{@sql.table} WHERE #{@sql.everybody}#{among(@sql.key)}"
      end

      def owned_by_users(key)
        key.same_type? ? among(key.owner) : among("CAST(#{key.owner} AS text)", &:to_s)
      end

      def among(column, &spell)
        return unless @users

        users = (spell ? @users.map(&spell) : @users).presence || [nil]
        " AND #{column} IN (#{users.map { |user| @connection.quote(user) }.join(", ")})"
      end
    end
    private_constant :UserQuery
  end
end
