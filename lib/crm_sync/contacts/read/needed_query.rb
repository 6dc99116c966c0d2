# frozen_string_literal: true

require_relative "key_sql"
require_relative "swept"
require_relative "user_sql"

module CrmSync
  module Contacts
    # Builds the one query that reads only the users who may come to differ: users who are linked, who have a value of a
    # contact or a lead, for whom the sweep would change something, or who have an unreadable text. Of all others only
    # the number is known: {Need} has counted them, and {Populations} and {ValueCounts} count more where that is needed.
    # One query has one snapshot, also inside a transaction of the host.
    #
    # The values are given to the query as an array for each key; addresses and texts only if they are plain ASCII. A
    # value in the database that is spelled plainly equals one of them as {KeySql} compares them. Any other value is
    # read, and the core checks whether it equals one.
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
      # @return [String] the query, whose only column is the packed text; its last row is the count
      def to_sql(count)
        tables = found.map { |name, sql, *| "#{name} AS (#{sql})" }
        rows = found.map { |name, _, kind, key| values(kind, name, key) }
        "WITH #{tables.join(",\n")}\n#{[users, owners, *rows, "SELECT 'n#{count},'"].join("\nUNION ALL\n")}"
      end

      # Builds the condition once for the whole query: a minute or a day later a scope can say something else, so that a
      # user would be read twice, or not at all.
      # @return [String] the condition that a user is read whatever values there are
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

      # Selects all users who can have a value, with the packed row of those whom +users+ leaves out, and who are read
      # because of their value. Rows count as one only if all bytes are equal, whatever the collations of their columns
      # say.
      def people
        person = "CASE WHEN #{needed} THEN NULL WHEN #{concerned} THEN #{@texts.exact(@sql.row)} END"
        "SELECT #{@sql.key} AS crm_sync_user, #{person} AS crm_sync_person FROM #{@sql.from} " \
          "WHERE #{Membership.sql(@schema.everybody)}"
      end

      def users
        "SELECT #{@sql.row} FROM #{@sql.from} WHERE #{concerned} AND #{needed}"
      end

      # Selects each user once, so that nobody is read twice.
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
