# frozen_string_literal: true

require_relative "key_sql"
require_relative "swept"
require_relative "user_sql"

module CrmSync
  module Contacts
    # Builds the one statement that reads only the users who may come to differ: who is linked, who has a value of a
    # contact or a lead, and of whom the sweep would change something. Of all others it is only known how many they are:
    # {Need} has counted, and {Populations} and {ValueCounts} count more where that is needed. One statement, so one
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
        @texts = database.texts
        @sql = UserSql.new(schema, database)
        @keys = KeySql.all(schema, database)
      end

      # @param count [Integer] the number of all users
      # @return [String] the statement, whose only column is the packed text; the count ends it
      def to_sql(count)
        tables = found.map { |name, sql, *| "#{name} AS (#{sql})" }
        rows = found.map { |name, _, kind, key| values(kind, name, key) }
        "WITH #{tables.join(",\n")}\n#{[users, owners, *rows, "SELECT 'n#{count},'"].join("\nUNION ALL\n")}"
      end

      # Asks a scope once for the whole statement: a minute or a day later it can say something else, so that a user
      # would be read twice, or not at all.
      #
      # @return [String] a condition: the user is read, whatever values there are
      def needed
        @needed ||= begin
          columns = @schema.columns.map { |name| @sql.column(name) }
          parts = [@sql.linked, Swept.new(@schema, @texts, @sql).to_sql, (@texts.unreadable(columns) if columns.any?)]
          "(#{parts.compact.map { |part| "(#{part})" }.join(" OR ")})"
        end
      end

      private

      # Returns for each table of values its name, its SQL, the kind of its rows, and its key.
      def found
        @found ||= @keys.each_with_index.flat_map do |key, place|
          odd = key.odd
          hits = ["crm_sync_hits_#{place}", matched(key, *key.given(place + 1)), "a", key]
          odd ? [hits, ["crm_sync_odd_#{place}", matched(key, odd), "o", key]] : [hits]
        end
      end

      def matched(key, condition, join = "")
        "SELECT #{key.owner} AS owner, #{key.tier} AS tier, #{key.value} AS value, crm_sync_person AS person " \
          "FROM #{key.source} #{join} #{key.join_users(people)} WHERE #{condition} AND #{key.trusted}"
      end

      # Selects all who can have a value, with the packed row of those who are not among the {#users} and are read
      # because of it. Two rows are one only if all bytes are equal, whatever the collations of their columns say.
      def people
        person = "CASE WHEN #{needed} THEN NULL WHEN #{concerned} THEN #{@texts.exact(@sql.row)} END"
        "SELECT #{@sql.key} AS crm_sync_user, #{person} AS crm_sync_person FROM #{@sql.from} " \
          "WHERE #{Membership.sql(@schema.everybody)}"
      end

      def users
        "SELECT #{@sql.row} FROM #{@sql.from} WHERE #{concerned} AND #{needed}"
      end

      # Selects each once: nobody is read twice.
      def owners
        with_value = found.map { |name, *| "SELECT person FROM #{name}" }.join(" UNION ALL ")
        "SELECT DISTINCT person FROM (#{with_value}) crm_sync_people WHERE person IS NOT NULL"
      end

      def concerned
        "#{@sql.everybody} AND (#{@sql.concerned})"
      end

      def values(kind, table, key)
        "SELECT #{key.row("'#{kind}'", owner: "owner", tier: "tier", value: "value")} FROM #{table}"
      end
    end
    private_constant :NeededQuery
  end
end
