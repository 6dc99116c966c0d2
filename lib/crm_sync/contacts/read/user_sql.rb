# frozen_string_literal: true

require_relative "membership"

module CrmSync
  module Contacts
    # Builds the parts of the queries that read users. Each row is packed into one text (+src/contacts/user_rows.rs+
    # describes the format), which takes one Ruby String for each row, and no ActiveRecord object.
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

      # @return [String] the table of users, joined with the table from which the contact of each is taken, if that is
      #   another one
      def from
        "#{table}#{@schema.link.join}"
      end

      # @return [String] the packed row of a user
      def row
        columns = @schema.columns.map { |name| packed(name) }
        ["'u'", @database.pack(key), @database.pack(link), "'3:'", flags, *columns].join(" || ")
      end

      # @return [String] the condition that the user is in the model's default scope and in the declared ones
      def everybody
        @everybody ||= Membership.sql(@schema.users)
      end

      # @return [String] the condition that the user is linked, may be linked, or is in the scope of leads or of the
      #   sweep; nothing can happen to other users
      def concerned
        concerns_all? ? "TRUE" : [linked, *conditions.compact.uniq].join(" OR ")
      end

      # @return [String] the condition that the user is linked
      def linked
        "#{link} IS NOT NULL"
      end

      # @param name [Symbol, String]
      # @return [String] the column of the users
      def column(name)
        "#{@table}.#{quote(name)}"
      end

      # @return [String] the contact of a user, in a query from {#from}
      def link
        @schema.link.sql
      end

      # @return [String] the column with the key of a user
      def key
        column(@model.primary_key)
      end

      private

      # Returns whether something can happen to every user.
      def concerns_all?
        scopes = [@declaration.link_scope, *[@declaration.lead_rules, @declaration.sweep].compact.map(&:scope)]
        !scopes.all?
      end

      # Returns the conditions that the user may be linked, is in the scope of leads, and in that of the sweep; nil for
      # a part that is not declared.
      def conditions
        @conditions ||= concerns.map { |declared, scope| Membership.sql(@schema.scope(scope)) if declared }
      end

      def concerns
        [[true, @declaration.link_scope], [@declaration.lead_rules, @declaration.lead_rules&.scope],
         [@declaration.sweep, @declaration.sweep&.scope]]
      end

      # Returns SQL for three digits: whether the user may be linked, is in the scope of leads, and is in that of the
      # sweep.
      def flags
        conditions.map { |sql| sql ? "CASE WHEN #{sql} THEN '1' ELSE '0' END" : "'0'" }.join(" || ")
      end

      def packed(name)
        plain?(name) ? @database.pack_plain(column(name)) : @database.pack(column(name))
      end

      # Returns whether the text of the column's values has no comma. The type of an array of integers is integer, too,
      # but its text has commas.
      def plain?(name)
        stored = @schema.column(name)
        %i[integer boolean].include?(stored.type) && !stored.try(:array)
      end

      def quote(name)
        @schema.connection.quote_column_name(name)
      end
    end
    private_constant :UserSql
  end
end
