# frozen_string_literal: true

require_relative "membership"

module CrmSync
  module Contacts
    # Builds the parts of the statements that read users. Each row is packed into one text (+src/contacts/user_rows.rs+
    # describes the format), which costs one Ruby String a row and no ActiveRecord object.
    class UserSql
      # @return [String] the quoted table of users
      attr_reader :table

      # @param schema [CrmSync::Contacts::Schema]
      # @param database [CrmSync::Database::PostgreSQL, CrmSync::Database::SQLite]
      def initialize(schema, database)
        @schema = schema
        @declaration = schema.declaration
        @database = database
        @model = schema.model
        @table = @model.quoted_table_name
      end

      # @return [String] the packed row of a user
      def row
        columns = @schema.columns.map { |name| packed(name, column(name)) }
        ["'u'", @database.pack(key), @database.pack(link), "'3:'", flags, *columns].join(" || ")
      end

      # @return [String] a condition: the user is in the model's default scope
      def everybody
        Membership.sql(@model.all)
      end

      # @return [String] a condition: the user is linked, may be linked, or is in the scope of leads or sweep; nothing
      #   can happen to others
      def concerned
        concerns_all? ? "TRUE" : [linked, *conditions.compact.uniq].join(" OR ")
      end

      # @return [Boolean] whether something can happen to everybody
      def concerns_all?
        scopes = [@declaration.link_scope, *[@declaration.lead_rules, @declaration.sweep].compact.map(&:scope)]
        !scopes.all?
      end

      # @return [Array(String, String, String)] conditions: the user may be linked, is in the scope of leads, and in
      #   that of the sweep; nil for a part that is not declared
      def conditions
        concerns = [[true, @declaration.link_scope], [@declaration.lead_rules, @declaration.lead_rules&.scope],
                    [@declaration.sweep, @declaration.sweep&.scope]]
        concerns.map { |declared, scope| Membership.sql(@schema.scope(scope)) if declared }
      end

      # @return [String] a condition
      def linked
        "#{link} IS NOT NULL"
      end

      # @return [String] three digits: whether the user may be linked, and is in the scope of leads, and of the sweep
      def flags
        conditions.map { |sql| sql ? digit(sql) : "'0'" }.join(" || ")
      end

      # @param condition [String]
      # @return [String] 1 where it holds
      def digit(condition)
        "CASE WHEN #{condition} THEN '1' ELSE '0' END"
      end

      # @param name [Symbol] of a written column
      # @param sql [String] its value
      # @return [String] the packed value
      def packed(name, sql)
        plain?(name) ? @database.pack_plain(sql) : @database.pack(sql)
      end

      # @param name [Symbol] of a column
      # @return [Boolean] whether the text of its values has no comma. An array of integers has commas, and its type is
      #   integer
      def plain?(name)
        stored = @schema.column(name)
        %i[integer boolean].include?(stored.type) && !stored.try(:array)
      end

      # @param name [Symbol, String]
      # @return [String] the column of the users
      def column(name)
        "#{@table}.#{quote(name)}"
      end

      # @return [String] the column with the contact of a user
      def link
        column(@declaration.foreign_key)
      end

      # @return [String] the column with the key of a user
      def key
        column(@model.primary_key)
      end

      private

      def quote(name)
        @schema.connection.quote_column_name(name)
      end
    end
    private_constant :UserSql
  end
end
