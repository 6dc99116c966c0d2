# frozen_string_literal: true

require_relative "membership"

module CrmSync
  module Contacts
    # Builds the parts of statements that read the values of a key. Values of the kinds +:email+ and +:uuid+ do not mind
    # letter case; those that may be spelled in other ways as well are {#odd}, and the core looks which ones they equal.
    class KeySql
      # The types as which given values are compared with columns of such a type.
      TYPES = { uuid: "uuid", integer: "bigint" }.freeze
      private_constant :TYPES

      # @param schema [CrmSync::Contacts::Schema]
      # @param database [CrmSync::Database::PostgreSQL, CrmSync::Database::SQLite]
      # @return [Array<KeySql>] those of all keys
      def self.all(schema, database)
        schema.keys.map { |key| new(schema, key, database) }
      end

      # @return [ResolvedKey]
      attr_reader :key

      # @param schema [CrmSync::Contacts::Schema]
      # @param key [ResolvedKey]
      # @param database [CrmSync::Database::PostgreSQL, CrmSync::Database::SQLite]
      def initialize(schema, key, database)
        @schema = schema
        @key = key
        @database = database
        @texts = database.texts
      end

      delegate :source, to: :key

      # @return [String] the column with the key of a value's user
      def owner = column(key.owner)

      # @return [String] the column with the value, as a text where it is of a type that only PostgreSQL knows: there
      #   may be no operators for it and a text
      def value
        own = column(key.column)
        key.stored.type || !@schema.postgresql? ? own : "(#{own})::text"
      end

      # @param kind [String] SQL for the first character of the row
      # @param owner [String] the key of the user
      # @param tier [String] the packed tier
      # @param value [String] the value
      # @return [String] the packed row of a value
      def row(kind, owner: self.owner, tier: self.tier, value: self.value)
        "#{kind} || #{@database.pack(owner)} || #{tier} || #{@database.pack(value)}"
      end

      # @return [String] the packed number of the strongest tier of a value
      def tier
        "CASE #{trusts.map { |place, trust| "WHEN #{trust} THEN '#{place},'" }.join(" ")} END"
      end

      # @return [String] a condition: a value is trusted, whether its user exists or not
      def trusted
        "#{owner} IS NOT NULL AND #{value} IS NOT NULL AND (#{trusts.values.join(" OR ")})"
      end

      # @return [String] a condition: a value is trusted, and belongs to a user who exists
      def trusted_and_owned
        [trusted, *owned].join(" AND ")
      end

      # @return [String, nil] a condition: the user of a value exists and is in the declared scopes, whether in the
      #   default scope or not; nil where all are
      def owned
        return if !key.orphans? && @schema.declaration.scopes.empty?

        own, user = alike(owner, user_key)
        "#{own} IN (SELECT #{user} FROM #{users})"
      end

      # Returns whether a value may belong to somebody who does not exist, and is counted all the same: to find these
      # takes longer than all else.
      # @return [Boolean]
      def orphans? = key.orphans? && @schema.declaration.scopes.empty?

      # @return [String] the table of the values, each beside the key of its user as +crm_sync_user+, which is NULL
      #   where there is no such user
      def source_with_users
        "#{source} LEFT #{join_users("SELECT #{user_key} AS crm_sync_user FROM #{users}")}"
      end

      # @param people [String] a statement whose column +crm_sync_user+ is the key of a user
      # @return [String] a join: the user of each value
      def join_users(people)
        own, user = alike(owner, "crm_sync_user")
        "JOIN (#{people}) crm_sync_users ON #{own} = #{user}"
      end

      # @return [String] a statement that counts the trusted values that are no empty texts, whether their users exist
      #   or not
      def count
        all = "SELECT COUNT(*) FROM #{source} WHERE #{trusted} AND #{filled}"
        outside ? "SELECT (#{all}) - (#{all} AND #{outside})" : all
      end

      # @return [Boolean] whether keys of users have the same type in both tables
      def same_type?
        key.owner_type.type == @schema.type(@schema.model.primary_key).type
      end

      # @return [String] the value as those are spelled that it is compared with
      def comparable
        return value if key.native?

        %i[email uuid].include?(key.kind) ? "LOWER(#{value})" : value
      end

      # @param place [Integer] the number of the parameter that holds a JSON array of values
      # @return [Array(String, String)] a condition: the value is among them; and the join that it needs, if any
      def given(place)
        @texts.given(comparable, place, key.native? ? TYPES.fetch(key.kind) : nil)
      end

      # A CASE that is compared has few rows in the eyes of PostgreSQL's planner, and a NOT has nearly all.
      #
      # @return [String, nil] a condition: the value may equal one that is spelled in another way; nil where none does
      def odd
        return "1 = 1" unless @texts # A database of which nothing is known here.
        return @texts.untyped(value) if key.native?

        "CASE WHEN #{plain} THEN 0 ELSE 1 END = 1 AND #{filled}"
      end

      # @return [Array<String>] the columns as they can be compared: both as texts if the types of keys differ
      def alike(*columns)
        same_type? ? columns : columns.map { |column| "CAST(#{column} AS text)" }
      end

      private

      # Few databases have such values, so that they are found faster than all others are told from them.
      #
      # Returns a condition: the value belongs to somebody who is in other scopes, or who does not exist; nil where
      # nobody's does, or where they are counted.
      def outside
        return if orphans? || !owned
        return "NOT (#{owned})" unless key.orphans?

        lost = "lost.#{quote(key.owner)}"
        own, user = alike(lost, user_key)
        "#{owner} IN (SELECT DISTINCT #{lost} FROM #{source} lost WHERE #{lost} IS NOT NULL " \
          "AND NOT EXISTS (SELECT 1 FROM #{users} AND #{user} = #{own}))"
      end

      # Returns a condition: the value is not an empty text.
      def filled
        key.native? ? "#{value} IS NOT NULL" : "#{deterministic} <> ''"
      end

      # A condition: no other value than the one that it is spelled as equals it, but for letter case.
      def plain
        case key.kind
        when :uuid then @texts.uuid(deterministic)
        when :integer then @texts.integer(deterministic)
        when Key::LEAD then @texts.record_id(value)
        else @texts.plain(value)
        end
      end

      # Returns the value as one that equals no other text. PostgreSQL looks for patterns only there: the collation of a
      # column can take different texts for equal ones. Others stay as they are, for the sake of indexes.
      def deterministic
        @schema.postgresql? && @schema.collated?(key.stored) ? @texts.exact(value) : value
      end

      def trusts
        @trusts ||= key.places.to_h { |place| [place, key.trust(place)] }
      end

      # Names the table as it is, as the declared scopes do.
      def users = "#{@schema.model.quoted_table_name} WHERE #{Membership.sql(@schema.everybody)}"

      def user_key = "#{@schema.model.quoted_table_name}.#{@schema.model.quoted_primary_key}"

      def column(name) = "#{key.model.quoted_table_name}.#{quote(name)}"

      def quote(name) = @schema.connection.quote_column_name(name)
    end
    private_constant :KeySql
  end
end
