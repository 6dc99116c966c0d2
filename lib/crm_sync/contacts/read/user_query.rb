# frozen_string_literal: true

require_relative "address_owners"
require_relative "membership"

module CrmSync
  module Contacts
    # Builds the one statement that reads the users who can be concerned, the trusted addresses, and the count of all
    # users: one statement, so one snapshot, also inside a transaction of the host. Each row is packed into one text
    # (+src/contacts/users.rs+ describes the format), which costs one Ruby String a row and no ActiveRecord object.
    class UserQuery
      def initialize(schema, database)
        @schema = schema
        @declaration = schema.declaration
        @database = database
        @model = schema.model
      end

      # @return [String] the statement, whose only column is the packed text
      def to_sql
        [users, addresses, count].join("\nUNION ALL\n")
      end

      private

      def users
        columns = @schema.columns.map { |name| packed(name) }
        row = [key_of(@model), text(column(@declaration.foreign_key)), flags, *columns].join(" || ")
        "SELECT 'u' || #{row} FROM #{@model.quoted_table_name} WHERE #{membership(@model.all)} AND (#{concerned})"
      end

      # Selects users who are linked, may be linked, or are in the scope of leads or sweep: nothing can happen to
      # others.
      def concerned
        scopes = [@declaration.link_scope, *[@declaration.lead_rules, @declaration.sweep].compact.map(&:scope)]
        return "TRUE" unless scopes.all? && @declaration.link_scope

        ["#{column(@declaration.foreign_key)} IS NOT NULL", *scopes.uniq.map do |scope|
                                                              membership(@schema.scope(scope))
                                                            end].join(" OR ")
      end

      def flags
        concerns = [@declaration.link_scope, @declaration.lead_rules&.scope, @declaration.sweep&.scope]
        digits = concerns.zip([true, @declaration.lead_rules, @declaration.sweep]).map do |scope, declared|
          declared ? "CASE WHEN #{membership(@schema.scope(scope))} THEN '1' ELSE '0' END" : "'0'"
        end
        "'3:' || #{digits.join(" || ")}"
      end

      def addresses
        model = @schema.address_model
        value = "#{model.quoted_table_name}.#{quote(@declaration.address_column)}"
        key = "#{model.quoted_table_name}.#{quote(@schema.association.foreign_key)}"
        tiers = @declaration.tiers.each_with_index.map do |tier, n|
          "WHEN #{membership(@schema.tier(tier))} THEN '#{n},'"
        end
        trusted = @declaration.tiers.map { |tier| membership(@schema.tier(tier)) }.join(" OR ")
        "SELECT 'a' || #{@database.pack(key)} || CASE #{tiers.join(" ")} END || #{@database.pack(value)} " \
          "FROM #{model.quoted_table_name} WHERE #{key} IS NOT NULL AND #{value} IS NOT NULL AND (#{trusted}) " \
          "AND #{AddressOwners.sql(@schema)}"
      end

      def count
        "SELECT 'c' || #{@database.pack("COUNT(*)")} FROM #{@model.quoted_table_name} WHERE #{membership(@model.all)}"
      end

      def membership(relation)
        Membership.sql(relation)
      end

      def packed(name)
        stored = @model.columns_hash[name.to_s]
        # Excludes arrays: the type of an array of integers is integer, but its text has commas like those between
        # columns.
        plain = %i[integer boolean].include?(stored.type) && !stored.try(:array)
        plain ? @database.pack_plain(column(name)) : text(column(name))
      end

      def key_of(model)
        @database.pack("#{model.quoted_table_name}.#{model.quoted_primary_key}")
      end

      def text(sql)
        @database.pack(sql)
      end

      def column(name)
        "#{@model.quoted_table_name}.#{quote(name)}"
      end

      def quote(name)
        @schema.connection.quote_column_name(name)
      end
    end
    private_constant :UserQuery
  end
end
