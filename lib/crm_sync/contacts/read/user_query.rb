# frozen_string_literal: true

require_relative "user_sql"

module CrmSync
  module Contacts
    # Builds the one statement that reads the users who can be concerned, the trusted addresses, and the count of all
    # users: one statement, so one snapshot, also inside a transaction of the host.
    class UserQuery
      # @param schema [CrmSync::Contacts::Schema]
      # @param database [CrmSync::Database::PostgreSQL, CrmSync::Database::SQLite]
      # @param keys [Array<Object>, nil] the keys of the users who are read; nil for all
      def initialize(schema, database, keys: nil)
        @database = database
        @sql = UserSql.new(schema, database)
        @keys = keys&.map { |key| schema.connection.quote(schema.serialize(schema.model.primary_key, key)) }
      end

      # @return [String] the statement, whose only column is the packed text
      def to_sql
        [users, addresses, count].join("\nUNION ALL\n")
      end

      private

      def users
        "SELECT #{@sql.row} FROM #{@sql.table} WHERE #{@sql.everybody} AND (#{@sql.concerned})#{among(@sql.key)}"
      end

      def addresses
        "SELECT #{@sql.address_row("a")} FROM #{@sql.address_table} WHERE #{@sql.trusted_and_owned}#{among(@sql.owner)}"
      end

      def count
        "SELECT 'c' || #{@database.pack("COUNT(*)")} FROM #{@sql.table} WHERE #{@sql.everybody}#{among(@sql.key)}"
      end

      def among(key)
        " AND #{key} IN (#{@keys.join(", ")})" if @keys
      end
    end
    private_constant :UserQuery
  end
end
