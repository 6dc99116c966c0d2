# frozen_string_literal: true

module CrmSync
  module Contacts
    # Builds the SQL that counts the users who are alike in all that the budgets look at, so that nobody has to be read
    # to be counted.
    class Census
      # The types of columns whose values can be grouped as they are: there are few, or they are short.
      GROUPED = %i[integer boolean enum date decimal float].freeze
      TEXTS = %i[string text citext].freeze
      # The types of Active Record and Active Model that show a text as it is in the database. The types by which
      # texts are encrypted inherit from some of them.
      PLAIN = %w[ActiveModel::Type::String ActiveModel::Type::ImmutableString ActiveRecord::Type::Text
                 ActiveRecord::ConnectionAdapters::PostgreSQL::OID::SpecializedString].freeze
      # Stands for all texts that are not blank.
      SOMETHING = "'x'"
      private_constant :GROUPED, :TEXTS, :PLAIN, :SOMETHING

      # @param schema [CrmSync::Contacts::Schema]
      # @param database [CrmSync::Database::PostgreSQL, CrmSync::Database::SQLite]
      # @param sql [UserSql]
      def initialize(schema, database, sql)
        @schema = schema
        @declaration = schema.declaration
        @database = database
        @texts = database.texts
        @sql = sql
      end

      # @return [Boolean] whether the values of all written columns can be grouped. Each row of an encrypted column may
      #   have another text, and each row of a list or a time another value
      def possible?
        @schema.columns.all? { |name| !list?(name) && (grouped?(name) || text?(name)) }
      end

      # @return [String] a statement with a row for each kind of users: +people+ in number, the flags +flag_0+ (linked)
      #   to +flag_3+, and the columns +value_0+, +value_1+ …
      def to_sql
        flags = conditions.each_with_index.map { |sql, number| "(#{sql || "1 = 0"}) IS TRUE AS flag_#{number}" }
        values = @schema.columns.each_with_index.map { |name, number| "#{value(name)} AS value_#{number}" }
        columns = ["COUNT(*) AS people", *flags, *values]
        "SELECT #{columns.join(", ")} FROM #{@sql.from} WHERE #{@sql.everybody} " \
          "GROUP BY #{(2..columns.size).to_a.join(", ")}"
      end

      # @return [String] a condition: something can happen to the users of a row
      def concerned
        @sql.concerns_all? ? "TRUE" : conditions.each_index.map { |number| "flag_#{number}" }.join(" OR ")
      end

      # @return [String] SQL for a row, as the core reads it
      def row
        digits = conditions.each_index.map { |number| @sql.digit("flag_#{number}") }
        values = @schema.columns.each_with_index.map { |name, number| @sql.packed(name, "value_#{number}") }
        ["'n'", @database.pack_plain("people"), "'4:'", *digits, *values].join(" || ")
      end

      private

      def conditions
        [@sql.linked, *@sql.conditions]
      end

      def value(name)
        column = @sql.column(name)
        return column if @sql.plain?(name)
        return @texts.exact(column) if telling.include?(name) || enum?(name) || !text?(name)

        "CASE WHEN #{@texts.visible(column)} THEN #{SOMETHING} ELSE #{@texts.exact(column)} END"
      end

      # Returns the columns of which a budget may tell one value from another; of all others, it only asks whether they
      # are blank.
      def telling
        @telling ||= begin
          privileged = @declaration.attributes.select { |attribute| attribute.privileged.any? }
          [*privileged, *@declaration.budgets].map(&:column) | @declaration.sets.flat_map { |part| part.set.keys }
        end
      end

      def grouped?(name) = GROUPED.include?(@schema.column(name).type)

      def text?(name)
        TEXTS.include?(@schema.column(name).type) && (enum?(name) || PLAIN.include?(@schema.type(name).class.name))
      end

      def list?(name) = @schema.column(name).try(:array)

      def enum?(name) = @schema.model.defined_enums.key?(name.to_s)
    end
    private_constant :Census
  end
end
