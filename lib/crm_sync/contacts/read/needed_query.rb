# frozen_string_literal: true

require_relative "census"
require_relative "key_sql"
require_relative "swept"
require_relative "user_sql"

module CrmSync
  module Contacts
    # Builds the one statement that reads only the users who may come to differ: who is linked, who has a value of a
    # contact or a lead, and of whom the sweep would change something. It counts all others. One statement, so one
    # snapshot, also inside a transaction of the host.
    #
    # The values are given to the statement, an array for each key; addresses and texts in plain ASCII. A value in the
    # database that is spelled plainly equals one of them as {KeySql} compares them; any other one is read, and the core
    # looks whether it does.
    class NeededQuery
      # @param schema [CrmSync::Contacts::Schema]
      # @param database [CrmSync::Database::PostgreSQL, CrmSync::Database::SQLite]
      def initialize(schema, database)
        @schema = schema
        @database = database
        @texts = database.texts
        @sql = UserSql.new(schema, database)
        @keys = KeySql.all(schema, database)
        @census = Census.new(schema, database, @sql)
      end

      # @return [String] the statement, whose only column is the packed text
      def to_sql
        rows = found.map { |name, _, kind, key| values(kind, name, key) }
        parts = [users, owners, *rows, kinds, *all_values, everybody]
        "WITH #{tables.map { |name, sql| "#{name} AS (#{sql})" }.join(",\n")}\n#{parts.join("\nUNION ALL\n")}"
      end

      # @return [String] a condition: the user is read, whatever values there are
      def needed
        columns = @schema.columns.map { |name| @sql.column(name) }
        parts = [@sql.linked, Swept.new(@schema, @texts, @sql).to_sql, (@texts.unreadable(columns) if columns.any?)]
        "(#{parts.compact.map { |part| "(#{part})" }.join(" OR ")})"
      end

      private

      def tables
        { **found.to_h { |name, sql| [name, sql] }, crm_sync_census: @census.to_sql }
      end

      # Returns for each table of values its name, its SQL, the kind of its rows, and its key.
      def found
        @found ||= @keys.each_with_index.flat_map do |key, place|
          odd = key.odd
          hits = ["crm_sync_hits_#{place}", matched(key, *key.given(place + 1)), "a", key]
          odd ? [hits, ["crm_sync_odd_#{place}", matched(key, odd), "o", key]] : [hits]
        end
      end

      def matched(key, condition, join = "")
        "SELECT #{key.owner} AS owner, #{key.tier} AS tier, #{key.value} AS value " \
          "FROM #{key.source} #{join} WHERE #{condition} AND #{key.trusted_and_owned}"
      end

      def users
        "SELECT #{@sql.row} FROM #{@sql.from} WHERE #{concerned} AND #{needed}"
      end

      # Selects those who are not among the {#users}: nobody is read twice.
      def owners
        alike = @keys.all?(&:same_type?)
        key, owner = [@sql.key, "owner"].map { |column| alike ? column : "CAST(#{column} AS text)" }
        with_value = found.map { |name, *| "SELECT #{owner} FROM #{name}" }.join(" UNION ALL ")
        "SELECT #{@sql.row} FROM #{@sql.from} WHERE #{key} IN (#{with_value}) AND #{concerned} " \
          "AND CASE WHEN #{needed} THEN 1 ELSE 0 END = 0"
      end

      def concerned
        "#{@sql.everybody} AND (#{@sql.concerned})"
      end

      def values(kind, table, key)
        "SELECT #{key.row("'#{kind}'", owner: "owner", tier: "tier", value: "value")} FROM #{table}"
      end

      def kinds
        "SELECT #{@census.row} FROM crm_sync_census WHERE #{@census.concerned}"
      end

      def all_values
        @keys.map do |key|
          tiers = key.key.places
          "SELECT 't#{tiers.first},#{tiers.last(1).first},' || #{@database.pack_plain(all_values_of(key))}"
        end
      end

      def all_values_of(key)
        count = "SELECT COUNT(*) FROM #{key.source} WHERE #{key.trusted} AND #{key.filled}"
        key.outside ? "((#{count}) - (#{count} AND #{key.outside}))" : "(#{count})"
      end

      def everybody
        "SELECT 'c' || #{@database.pack_plain("COALESCE(SUM(people), 0)")} FROM crm_sync_census"
      end
    end
    private_constant :NeededQuery
  end
end
