# frozen_string_literal: true

require_relative "../../store/database/search"
require_relative "../declare/join_columns"
require_relative "../read/key_sql"
require_relative "../read/letter_case"

module CrmSync
  module Contacts
    # Finds out which searches of a run read a whole table for lack of an index. It asks the database how it would
    # search, with the conditions of the run, because an index can serve a search in many forms.
    class IndexAdvice
      # @param schema [CrmSync::Contacts::Schema] a schema that has passed {HostCheck.run}
      def initialize(schema)
        @schema = schema
        @database = Database.for(schema.connection)
      end

      # @return [Array<String>] for each search without an index, what to do
      def texts
        [*link, *KeySql.all(@schema, @database).flat_map { |sql| [value(sql), *owners(sql.key)] }].compact.uniq
      end

      private

      def link
        place = @schema.link
        return [column("the user of a contact", place.model, place.column, @schema.everybody)] unless through?

        [column("the user of a contact", place.model, place.column, place.rows),
         column("the contact of a user", place.model, place.reflection.foreign_key, place.rows)]
      end

      def through? = @schema.declaration.through

      # Returns the advice for the values of a key. A primary key has an index.
      def value(sql)
        key = sql.key
        return if key.column.to_s == key.model.primary_key
        return language(key) unless LetterCase.new(sql, @schema.connection).usual?

        what = "users by #{key.column}"
        return column(what, key.model, key.column, rows(key)) if sql.comparable == own(key.model, key.column)

        compared(what, sql)
      end

      def compared(what, sql)
        key = sql.key
        found = search(key.model, key.column, rows(key), sql: sql.comparable, type: "text", expression: true)
        advice(what, key.model, expression(sql), found)
      end

      def rows(key) = key.own? ? key.model.unscoped : JoinColumns.of(key, @schema.model).first.rows

      # Returns the advice for both sides of each join from the values of a key to users.
      def owners(key)
        return [] if key.own?

        sides = JoinColumns.of(key, @schema.model).reject { |side| side.name == side.model.primary_key }
        sides.map do |side|
          users = side.model.table_name == @schema.model.table_name
          column(users ? "users by #{side.name}" : "the #{key.column} of a user", side.model, side.name, side.rows)
        end
      end

      def language(key)
        "the language of #{key.model.table_name}.#{key.column} lower-cases letters in its own way, so that no index " \
          "finds users by it, and runs read all of them; give the column the collation \"C\""
      end

      # Returns the compared form of a value in terms of the table alone, in parentheses unless it is a function.
      def expression(sql)
        name = @database.expression(sql.key.column)
        text = sql.comparable.sub(own(sql.key.model, sql.key.column), name).sub("LOWER", "lower")
        text.start_with?("lower") ? text : "(#{text})"
      end

      def column(what, model, name, rows)
        type = model.columns_hash[name.to_s].sql_type
        advice(what, model, name.to_sym, search(model, name, rows, sql: own(model, name), type:))
      end

      def search(model, column, rows, **form)
        Database::Search.new(model:, column:, rows: Membership.sql(rows), **form)
      end

      def advice(what, model, indexed, search)
        return if @database.indexed?(search)

        "no index finds #{what}, so that runs read all of #{model.table_name}; add one: " \
          "add_index #{model.table_name.to_sym.inspect}, #{indexed.inspect}"
      end

      def own(model, name) = "#{model.quoted_table_name}.#{@schema.connection.quote_column_name(name)}"
    end
    private_constant :IndexAdvice
  end
end
