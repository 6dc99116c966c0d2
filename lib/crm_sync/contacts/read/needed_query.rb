# frozen_string_literal: true

require_relative "address_owners"
require_relative "census"
require_relative "swept"
require_relative "user_sql"

module CrmSync
  module Contacts
    # Builds the one statement that reads only the users who may come to differ: who is linked, who has an address of a
    # contact or a lead, and of whom the sweep would change something. It counts all others. One statement, so one
    # snapshot, also inside a transaction of the host.
    #
    # The addresses are given to the statement, in plain ASCII. An address in the database that is plain equals one of
    # them if its lower case does; any other one is read, and the core looks whether it does.
    class NeededQuery
      # @param schema [CrmSync::Contacts::Schema]
      # @param database [CrmSync::Database::PostgreSQL, CrmSync::Database::SQLite]
      def initialize(schema, database)
        @schema = schema
        @database = database
        @texts = database.texts
        @sql = UserSql.new(schema, database)
        @census = Census.new(schema, database, @sql)
      end

      # @return [String] the statement, whose only column is the packed text
      def to_sql
        parts = [users, owners, addresses("a", "crm_sync_hits"), addresses("o", "crm_sync_odd"), kinds, all_addresses,
                 everybody]
        "WITH #{tables.map { |name, sql| "#{name} AS (#{sql})" }.join(",\n")}\n#{parts.join("\nUNION ALL\n")}"
      end

      # @return [String] a condition: the user is read, whatever addresses there are
      def needed
        columns = @schema.columns.map { |name| @sql.column(name) }
        parts = [@sql.linked, Swept.new(@schema, @texts, @sql).to_sql, (@texts.unreadable(columns) if columns.any?)]
        "(#{parts.compact.map { |part| "(#{part})" }.join(" OR ")})"
      end

      private

      # A CASE that is compared has few rows in the eyes of PostgreSQL's planner, and a NOT has nearly all.
      def tables
        odd = "CASE WHEN #{@texts.plain(@sql.value)} THEN 0 ELSE 1 END = 1 AND #{@sql.value} <> ''"
        {
          crm_sync_hits: matched(*@texts.given("LOWER(#{@sql.value})")), crm_sync_odd: matched(odd),
          crm_sync_census: @census.to_sql
        }
      end

      def matched(condition, join = "")
        "SELECT #{@sql.owner} AS owner, #{@sql.tier} AS tier, #{@sql.value} AS address " \
          "FROM #{@sql.address_table} #{join} WHERE #{condition} AND #{@sql.trusted_and_owned}"
      end

      def users
        "SELECT #{@sql.row} FROM #{@sql.from} WHERE #{concerned} AND #{needed}"
      end

      # Selects those who are not among the {#users}: nobody is read twice.
      def owners
        key, owner = AddressOwners.alike(@schema, @sql.key, "owner")
        with_address = "#{key} IN (SELECT #{owner} FROM crm_sync_hits UNION ALL SELECT #{owner} FROM crm_sync_odd)"
        "SELECT #{@sql.row} FROM #{@sql.from} WHERE #{with_address} AND #{concerned} " \
          "AND CASE WHEN #{needed} THEN 1 ELSE 0 END = 0"
      end

      def concerned
        "#{@sql.everybody} AND (#{@sql.concerned})"
      end

      def addresses(kind, table)
        "SELECT #{@sql.address_row(kind, owner: "owner", tier: "tier", value: "address")} FROM #{table}"
      end

      def kinds
        "SELECT #{@census.row} FROM crm_sync_census WHERE #{@census.concerned}"
      end

      def all_addresses
        count = "SELECT COUNT(*) FROM #{@sql.address_table} WHERE #{@sql.trusted} AND #{@sql.value} <> ''"
        "SELECT 't' || #{@database.pack_plain("((#{count}) - (#{count} AND #{AddressOwners.lost(@schema)}))")}"
      end

      def everybody
        "SELECT 'c' || #{@database.pack_plain("COALESCE(SUM(people), 0)")} FROM crm_sync_census"
      end
    end
    private_constant :NeededQuery
  end
end
