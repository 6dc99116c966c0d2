# frozen_string_literal: true

require_relative "../read/key_sql"
require_relative "../read/letter_case"

module CrmSync
  module Contacts
    # Finds out which searches of a run read a whole table for lack of an index. It asks the database how it would
    # search, because an index can serve a search in many forms.
    class IndexAdvice
      # A value that is searched for, by the type of the column.
      VALUES = Hash.new("0").update(uuid: "00000000-0000-0000-0000-000000000000").freeze
      private_constant :VALUES

      # @param schema [CrmSync::Contacts::Schema] a schema that has passed {HostCheck.run}
      def initialize(schema)
        @schema = schema
        @database = Database.for(schema.connection)
      end

      # @return [Array<String>] for each search without an index, what to do
      def texts
        [contact, *KeySql.all(@schema, @database).flat_map { |sql| [value(sql), owner(sql)] }].compact
      end

      private

      def contact
        return if @schema.declaration.through

        column = @schema.declaration.foreign_key
        advice("the user of a contact", @schema.model, column, column, @schema.link.sql)
      end

      def value(sql)
        key = sql.key
        return unless key.own? || key.orphans?
        return language(key) unless LetterCase.new(sql, @schema.connection).usual?

        indexed = sql.comparable == sql.value ? key.column : "lower(#{key.column})"
        advice("users by #{key.column}", key.model, key.column, indexed, sql.comparable)
      end

      def language(key)
        "the language of #{key.model.table_name}.#{key.column} lower-cases letters in its own way, so that no index " \
          "finds users by it, and runs read all of them; give the column the collation \"C\""
      end

      def owner(sql)
        key = sql.key
        return unless key.orphans?

        advice("the #{key.column} of a user", key.model, key.owner, key.owner, sql.owner)
      end

      def advice(what, model, column, indexed, sql)
        type = model.columns_hash[column.to_s].type
        query = "SELECT 1 FROM #{model.quoted_table_name} WHERE #{sql} = #{@schema.connection.quote(VALUES[type])}"
        return unless @database.reads_all?(query)

        "no index finds #{what}, so that runs read all of #{model.table_name}; add one: " \
          "add_index #{model.table_name.to_sym.inspect}, #{indexed.inspect}"
      end
    end
    private_constant :IndexAdvice
  end
end
