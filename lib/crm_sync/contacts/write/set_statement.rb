# frozen_string_literal: true

require_relative "../read/address_owners"
require_relative "../read/membership"
require_relative "set_sql"
require_relative "set_table"

module CrmSync
  module Contacts
    # Builds the statement that writes a batch and returns the numbers of the changes that it has written.
    class SetStatement
      include SetSql

      LETTERS = "'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz'"
      private_constant :LETTERS

      # @param table [CrmSync::Contacts::SetTable] the batch
      def initialize(schema, conditions, table)
        @schema = schema
        @declaration = schema.declaration
        @conditions = conditions
        @table = table
        @model = schema.model
      end

      # @param doubtful [Array<CrmSync::Change>] the changes that have to be checked one by one
      # @return [String] SQL that writes those of the others whose premises certainly hold
      def guarded(doubtful)
        others = "#{given("number")} NOT IN (#{@table.numbers(doubtful).join(", ")})" if doubtful.any?
        update([@conditions.there, link, *columns, address, scope, untaken, *others])
      end

      # @param changes [Array<CrmSync::Change>] changes whose premises have been checked, under their locks
      # @return [String] SQL that writes these
      def judged(changes)
        update(["#{given("number")} IN (#{@table.numbers(changes).join(", ")})"])
      end

      # Finds the records that a trigger has rewritten or dropped, whatever the statements that wrote them returned.
      #
      # @return [String] SQL that returns the numbers of the changes whose records are not byte for byte as written
      def unlike
        columns = @table.columns.each_with_index.map do |name, place|
          "(#{given("writes_#{place}")} AND NOT #{same(own(name), given("after_#{place}"))})"
        end
        "SELECT #{given("number")} FROM pg_temp.#{SetTable::NAME} LEFT JOIN #{@model.quoted_table_name} ON #{key} " \
          "WHERE #{["#{own(@model.primary_key)} IS NULL", *columns].join(" OR ")}"
      end

      private

      def update(conditions)
        "UPDATE #{@model.quoted_table_name} SET #{assignments.join(", ")} FROM pg_temp.#{SetTable::NAME} " \
          "WHERE #{[key, *conditions].join(" AND ")} RETURNING #{given("number")}"
      end

      def assignments
        written = @table.columns.each_with_index.map do |name, place|
          other = touched.fetch(name.to_s) { own(name) }
          "#{quote(name)} = CASE WHEN #{given("writes_#{place}")} THEN #{given("after_#{place}")} ELSE #{other} END"
        end
        written + touched.except(*@table.columns.map(&:to_s)).map { |name, time| "#{quote(name)} = #{time}" } + version
      end

      # Returns the columns that a save touches, with their SQL.
      def touched
        return {} unless @model.record_timestamps

        @touched ||= @model.timestamp_attributes_for_update_in_model.to_h do |name|
          time = @schema.type(name).cast(@model.current_time_from_proper_timezone)
          [name, @schema.connection.quote(@schema.serialize(name, time))]
        end
      end

      def version
        return [] unless @model.locking_enabled?

        column = @model.locking_column
        ["#{quote(column)} = COALESCE(#{own(column)}, 0) + 1"]
      end

      def key
        "#{own(@model.primary_key)} = #{given("key")}"
      end

      def link
        same(own(@declaration.foreign_key), given("link"))
      end

      def columns
        @table.columns.each_with_index.filter_map do |name, place|
          next if name == @declaration.foreign_key

          "(NOT #{given("writes_#{place}")} OR #{same(own(name), given("before_#{place}"))})"
        end
      end

      def address
        tiers = @declaration.tiers.each_with_index.map do |tier, place|
          stronger = @declaration.tiers.first(place).map { |other| "NOT #{others_address(other)}" }
          "WHEN #{place} THEN #{[own_address(tier), *stronger].join(" AND ")}"
        end
        "CASE #{given("tier")} #{tiers.join(" ")} ELSE TRUE END"
      end

      # Finds the addresses that differ from the given one only by case; {Email.normalize} makes more of them equal than
      # these. The result is an array because an EXISTS would be hashed: over all addresses there are, for each batch.
      def own_address(tier)
        text = "TRANSLATE((#{address_column})::text, #{LETTERS})"
        "(#{given("address")})::text COLLATE \"C\" = ANY (ARRAY(" \
          "#{addresses(text, tier)} AND #{owner} = #{given("owner")}))"
      end

      # Finds the candidates; {Premises} checks which of them really have the address.
      def others_address(tier)
        "EXISTS (#{addresses("1", tier)} AND #{owner} <> #{given("owner")} AND #{AddressOwners.sql(@schema)} " \
          "AND LOWER(#{address_column}) = #{given("address")})"
      end

      def addresses(what, tier)
        "SELECT #{what} FROM #{@schema.address_model.quoted_table_name} WHERE #{Membership.sql(@schema.tier(tier))}"
      end

      def scope
        scopes = @conditions.scopes.map do |name|
          "WHEN #{@schema.connection.quote(name.to_s)} THEN #{@conditions.in_scope(name)}"
        end
        scopes.any? ? "CASE #{given("scope")} #{scopes.join(" ")} ELSE TRUE END" : "TRUE"
      end

      def untaken
        "NOT #{@conditions.taken([given("contact"), given("short_contact")])}"
      end

      def owner
        "#{@schema.address_model.quoted_table_name}.#{quote(@schema.association.foreign_key)}"
      end

      def address_column
        "#{@schema.address_model.quoted_table_name}.#{quote(@declaration.address_column)}"
      end
    end
    private_constant :SetStatement
  end
end
