# frozen_string_literal: true

require_relative "membership"

module CrmSync
  module Contacts
    # Builds the parts of queries that read the values of a key. Letter case does not matter in values of the kinds
    # +:email+ and +:uuid+. Values that may be spelled in other ways as well are {#odd}; the core checks which values
    # they equal.
    class KeySql
      # The SQL types as which given values are compared with columns of such a type.
      TYPES = { uuid: "uuid", integer: "bigint" }.freeze
      private_constant :TYPES

      # @param schema [CrmSync::Contacts::Schema]
      # @param database [CrmSync::Database::PostgreSQL, CrmSync::Database::SQLite]
      # @return [Array<KeySql>] one for each key
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

      # @return [String] the column with the key of the user who has a value
      def owner = column(key.owner)

      # @return [String] the column with the value; as a text if only PostgreSQL knows its type, because there may be no
      #   operators for this type and a text
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

      # @return [String] the condition that a value is trusted, whether its user exists or not
      def trusted
        "#{owner} IS NOT NULL AND #{value} IS NOT NULL AND (#{trusts.values.join(" OR ")})"
      end

      # @return [String] the condition that a value is trusted, and that its user fulfils {#owned}
      def trusted_and_owned
        [trusted, *owned].join(" AND ")
      end

      # @return [String, nil] the condition that the user of a value exists and is in the declared scopes, whether in
      #   the default scope or not; nil if this holds for every value
      def owned
        return if !key.orphans? && @schema.declaration.scopes.empty?

        own, user = alike(owner, user_key)
        "#{own} IN (SELECT #{user} FROM #{users})"
      end

      # Returns whether a value may belong to a user who does not exist, and is counted all the same: finding these
      # takes longer than everything else.
      # @return [Boolean]
      def orphans? = key.orphans? && @schema.declaration.scopes.empty?

      # @return [String] the table of the values, joined with the key of each value's user as +crm_sync_user+, which is
      #   NULL if there is no such user
      def source_with_users
        "#{source} LEFT #{join_users("SELECT #{user_key} AS crm_sync_user FROM #{users}")}"
      end

      # @param people [String] a query whose column +crm_sync_user+ is the key of a user
      # @return [String] a join with the user of each value
      def join_users(people)
        own, user = alike(owner, "crm_sync_user")
        "JOIN (#{people}) crm_sync_users ON #{own} = #{user}"
      end

      # @return [String] a query that counts the trusted values that are not empty texts; if scopes are declared, only
      #   those of users in these scopes, and otherwise also those of users who do not exist
      def count
        all = "SELECT COUNT(*) FROM #{source} WHERE #{trusted} AND #{filled}"
        outside ? "SELECT (#{all}) - (#{all} AND #{outside})" : all
      end

      # @return [Boolean] whether the keys of users have the same type in both tables
      def same_type?
        key.owner_type.type == @schema.type(@schema.model.primary_key).type
      end

      # @return [String] the value in the spelling in which it is compared
      def comparable
        return value if key.native?

        %i[email uuid].include?(key.kind) ? "LOWER(#{value})" : value
      end

      # @return [String] the same where the database lower-cases ASCII letters in its own way; no index serves it
      def comparable_in_ascii = "LOWER(#{@texts.exact(value)})"

      # @param place [Integer] the number of the parameter that holds a JSON array of values
      # @return [Array(String, String)] the condition that the value is among them, and the join that this needs, if any
      def given(place)
        @texts.given(comparable, place, key.native? ? TYPES.fetch(key.kind) : nil)
      end

      # Returns a condition for values that may equal a value in another spelling. It compares a CASE, of which
      # PostgreSQL's planner expects few rows; of a NOT it expects nearly all.
      # @return [String, nil] the condition; nil if no value does
      def odd
        return "1 = 1" unless @texts # Nothing is known about the texts of this database.
        return @texts.untyped(value) if key.native?

        "CASE WHEN #{plain} THEN 0 ELSE 1 END = 1 AND #{filled}"
      end

      # @return [Array<String>] the columns in a form in which they can be compared: as texts if the types of keys
      #   differ
      def alike(*columns)
        same_type? ? columns : columns.map { |column| "CAST(#{column} AS text)" }
      end

      private

      # Returns the condition that a value belongs to a user who is outside of the declared scopes, or who does not
      # exist; nil if no value does, or if these are counted. Few databases have such values, so finding them is faster
      # than telling all others from them.
      def outside
        return if orphans? || !owned
        return "NOT (#{owned})" unless key.orphans?

        lost = "lost.#{quote(key.owner)}"
        own, user = alike(lost, user_key)
        "#{owner} IN (SELECT DISTINCT #{lost} FROM #{source} lost WHERE #{lost} IS NOT NULL " \
          "AND NOT EXISTS (SELECT 1 FROM #{users} AND #{user} = #{own}))"
      end

      # Returns the condition that the value is not an empty text.
      def filled
        key.native? ? "#{value} IS NOT NULL" : "#{deterministic} <> ''"
      end

      # Returns the condition that no value in another spelling equals this one, except by letter case.
      def plain
        case key.kind
        when :uuid then @texts.uuid(deterministic)
        when :integer then @texts.integer(deterministic)
        when Key::LEAD then @texts.record_id(value)
        else @texts.plain(value)
        end
      end

      # Returns the value in a form that equals no other text. PostgreSQL matches patterns only there: the collation of
      # a column can treat different texts as equal. Other values stay as they are, so that indexes can be used.
      def deterministic
        @schema.postgresql? && @schema.collated?(key.stored) ? @texts.exact(value) : value
      end

      def trusts
        @trusts ||= key.places.to_h { |place| [place, key.trust(place)] }
      end

      # Refers to the table by its own name, as the declared scopes do.
      def users = "#{@schema.model.quoted_table_name} WHERE #{Membership.sql(@schema.everybody)}"

      def user_key = "#{@schema.model.quoted_table_name}.#{@schema.model.quoted_primary_key}"

      def column(name) = "#{key.model.quoted_table_name}.#{quote(name)}"

      def quote(name) = @schema.connection.quote_column_name(name)
    end
    private_constant :KeySql
  end
end
