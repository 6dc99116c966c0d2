# frozen_string_literal: true

require_relative "../../notices/suggestion"
require_relative "join_columns"
require_relative "key"
require_relative "plain_column"
require_relative "scope_check"

module CrmSync
  module Contacts
    # Finds keys whose values cannot be read, or are not the same in the database as in the model.
    class KeyCheck
      # For each kind of key, the column types that can hold its values, and the text of such a value.
      KINDS = {
        email: [PlainColumn::TEXTS, "a@b.edu"], text: [PlainColumn::TEXTS, "a7"],
        uuid: [[:uuid, *PlainColumn::TEXTS], "0b4c1f6e-7d0f-4c4e-9c53-0a3c5a5d6f11"],
        integer: [[:integer, *PlainColumn::TEXTS], "7"], Key::LEAD => [PlainColumn::TEXTS, "00Q4C000Va00001UAR"]
      }.freeze
      private_constant :KINDS

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
      end

      # @return [Array<Array(String, String)>] for each problem, the line of the declaration and a text that says how to
      #   correct it
      def problems
        @schema.keys.flat_map { |key| of(key) }
      end

      private

      def of(key)
        problem = key.stored ? stored(key) || unjoined(key) : missing(key)
        [*([[key.line, problem]] if problem), *ScopeCheck.new(@schema).of_key(key)]
      rescue MappingError => e # The association does not exist, or its rows cannot be read.
        [[key.line, e.message.delete_prefix("#{key.line}: ")]]
      end

      def missing(key)
        mend = Suggestion.mend(key.column, key.model.column_names)
        association = key.own? && @schema.model.reflect_on_association(key.name)
        mend = "where it is the association, say the column of its rows, such as column: :value" if association
        "#{key.model.table_name} has no column #{key.column}; #{mend}"
      end

      # Finds columns that do not exist by which the rows of an association belong to users.
      def unjoined(key)
        side = JoinColumns.of(key, @schema.model).find(&:missing) unless key.own?
        return unless side

        "match_by: #{key.name.inspect} needs a column that #{side.model.table_name} does not have, #{side.missing}; " \
          "add it, or correct foreign_key: of the association"
      end

      def stored(key)
        column = PlainColumn.new(key.model, key.stored)
        types, text = KINDS[key.kind]
        if key.lead? then lead(key, column, text)
        elsif types.nil? then "#{name(key)}; a key is a text, a UUID or an integer"
        elsif !column.keeps?(text) then hidden(key, column)
        elsif !types.include?(key.stored.type) then "#{name(key)}, and cannot be as: #{key.kind.inspect}; leave it out"
        end
      end

      # Accepts any text column, even one that is too short for an id, because the sync does not write to it.
      def lead(key, column, text)
        return hidden(key, column) if PlainColumn::TEXTS.include?(key.stored.type) && !column.keeps?(text)

        "#{name(key)}, and cannot hold the id of a lead; name a column of texts" unless column.text?(text)
      end

      def hidden(key, column)
        "#{key.model.table_name}.#{key.column} is matched as it is in the database, where it is #{column.state}; " \
          "name a column that holds one value as it is"
      end

      def name(key)
        "#{key.model.table_name}.#{key.column} is #{key.stored.sql_type}"
      end
    end
    private_constant :KeyCheck
  end
end
