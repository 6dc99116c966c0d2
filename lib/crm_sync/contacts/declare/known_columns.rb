# frozen_string_literal: true

require_relative "../../store/database"
require_relative "../link_place"

module CrmSync
  module Contacts
    # The part of {Schema} that knows the columns by the names that they have in changes: those of the model, and the
    # place of the contact's id.
    module KnownColumns
      # The types of columns that hold one value, which can be compared with a copied value.
      SINGLE = %i[string text citext integer big_integer float decimal boolean date datetime timestamp timestamptz time
                  uuid enum].freeze
      # PostgreSQL's own text types. Any other type is a domain, which may have a collation that Rails does not know:
      # Rails reports the collation of a column only if it differs from that of the column's type.
      TEXTS = /\A(?:text|citext|character varying|character)\b/
      private_constant :TEXTS

      # @return [LinkPlace::Column, LinkPlace::Row] the place in which the contact's id is kept
      def link
        @link ||= LinkPlace.of(self)
      end

      # @return [ActiveModel::Type::Value]
      def type(column)
        (@types ||= {})[column] ||=
          link.beside?(column) ? link.model.type_for_attribute(link.column.to_s) : model.type_for_attribute(column.to_s)
      end

      # @return [ActiveRecord::ConnectionAdapters::Column, nil] the database's definition of the column
      def column(name)
        return link.model.columns_hash[link.column.to_s] if link.beside?(name)

        model.columns_hash[name.to_s]
      end

      # @return [Boolean] whether the database may spell a value differently, as +jsonb+ reorders keys, ranges are
      #   normalized, and a UUID gets hyphens
      def respelled?(name)
        definition = column(name)
        definition.try(:array) || !SINGLE.include?(definition.type) || definition.type == :uuid
      end

      # @param stored [ActiveRecord::ConnectionAdapters::Column] a text column in PostgreSQL
      # @return [Boolean] whether the column may have another collation than the database. Such a collation can treat
      #   different texts as equal, and the database then supports no pattern matching in it
      def collated?(stored) = !stored.collation.nil? || !TEXTS.match?(stored.sql_type)

      # @return [Boolean] whether records can have NULL in the column, also if no NULL can be written there any more
      def may_be_null?(name) = nullable?(name) || unvalidated.include?(name.to_s)

      # Returns the columns of the model that the database computes when a record is read, and not when it is written.
      # SQLite computes its virtual columns at both times.
      # @return [Array<String>]
      def virtual
        @virtual ||= postgresql? ? Database.for(connection).virtual_columns(model) - model.ignored_columns : []
      end

      # @param record [ActiveRecord::Base]
      # @param name [Symbol] the name that a change uses: a column, or the {#link}
      # @return [Object] the record's value
      def value(record, name)
        name == link.name ? link.of(record) : record[name]
      end

      private

      def unvalidated
        @unvalidated ||= postgresql? ? Database.for(connection).unvalidated_columns(model) : []
      end
    end
    private_constant :KnownColumns
  end
end
