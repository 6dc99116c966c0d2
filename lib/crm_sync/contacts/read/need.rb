# frozen_string_literal: true

require_relative "countable"
require_relative "needed_query"

module CrmSync
  module Contacts
    # Decides whether users are read by need, which takes longer for each user who is read, or all of them. It counts in
    # the database, because an estimate can be wrong by any factor.
    class Need
      # The number of users up to which all are read at once, while contacts and leads are still on their way.
      FEW = 10_000
      # The share of the users up to which those are read who are needed: where both ways take as long.
      SHARE = 0.5
      LETTERS = [*"A".."Z"].join.freeze
      private_constant :FEW, :SHARE, :LETTERS

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

      # @return [Boolean] whether it is worth a look who is needed
      def possible?
        return false unless @texts&.known? && Countable.new(@schema).all?

        users, *letters = @connection.select_rows("SELECT #{[some_users, *letters_sql].join(", ")}", name).first
        users.to_i > FEW && letters.all?(LETTERS.downcase)
      end

      # Counts while contacts and leads are on their way, when the database has nothing else to do: this is what takes
      # longer the more users there are.
      # @return [self]
      def count
        needed = "SELECT COUNT(*) FROM #{@sql.from} WHERE #{@sql.everybody} AND #{@query.needed}"
        all = "SELECT COUNT(*) FROM #{@sql.table} WHERE #{@sql.everybody}"
        @needed, @users = @connection.select_rows("SELECT (#{needed}), (#{all})", name).first.map(&:to_i)
        self
      end

      # @return [Integer] the number of users when they were counted
      attr_reader :users

      # Takes those who are linked for those who have the values: once most are linked, they mostly are.
      #
      # @param values [Integer] the number of values of contacts and leads
      # @return [Boolean] whether those who are needed are few enough
      def pays?(values) = [@needed, values].max <= @users * SHARE

      private

      # Counts no more users than show that there are more than a few.
      def some_users
        some = "SELECT 1 FROM #{@sql.table} WHERE #{@sql.everybody} LIMIT #{FEW + 1}"
        "(SELECT COUNT(*) FROM (#{some}) some_users)"
      end

      # Shows whether the database makes the lower case of ASCII as everybody does: in Turkish, I becomes another
      # letter. The language is that of the column.
      def letters_sql
        @keys.select { |key| key.key.kind == :email }.map do |key|
          texts = "SELECT #{key.value} AS value FROM #{key.source} WHERE 1 = 0 " \
                  "UNION ALL SELECT #{@connection.quote(LETTERS)}"
          "(SELECT LOWER(value) FROM (#{texts}) texts)"
        end
      end

      def name = "#{@schema.model.name} Count"
    end
    private_constant :Need
  end
end
