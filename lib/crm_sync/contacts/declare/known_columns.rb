# frozen_string_literal: true

require_relative "../link_place"

module CrmSync
  module Contacts
    # The part of {Schema} that knows the columns, by the names that changes have for them: those of the model, and the
    # one that holds the contact's id.
    module KnownColumns
      # The kinds of columns that hold one value, with which a copied value can be compared.
      SINGLE = %i[string text citext integer big_integer float decimal boolean date datetime timestamp timestamptz time
                  uuid enum].freeze
      # PostgreSQL's own types of texts. Any other one is a domain, which may have a collation that Rails does not know:
      # it names the collation of a column only where it is not that of the column's type.
      TEXTS = /\A(?:text|citext|character varying|character)\b/
      private_constant :TEXTS

      # @return [LinkPlace::Column, LinkPlace::Row] the place of the contact's id
      def link
        @link ||= LinkPlace.of(self)
      end

      # @return [ActiveModel::Type::Value]
      def type(column)
        (@types ||= {})[column] ||=
          link.beside?(column) ? link.model.type_for_attribute(link.column.to_s) : model.type_for_attribute(column.to_s)
      end

      # @return [ActiveRecord::ConnectionAdapters::Column, nil] the column as the database defines it
      def column(name)
        return link.model.columns_hash[link.column.to_s] if link.beside?(name)

        model.columns_hash[name.to_s]
      end

      # @return [Boolean] whether the database may give another spelling to a value, as +jsonb+ orders keys, ranges get
      #   other ends, and a UUID its hyphens
      def respelled?(name)
        definition = column(name)
        definition.try(:array) || !SINGLE.include?(definition.type) || definition.type == :uuid
      end

      # @param stored [ActiveRecord::ConnectionAdapters::Column] a column of texts in PostgreSQL
      # @return [Boolean] whether it may have another collation than the database, which can take different texts for
      #   equal ones, and in which no patterns are looked for then
      def collated?(stored) = !stored.collation.nil? || !TEXTS.match?(stored.sql_type)

      # @param record [ActiveRecord::Base]
      # @param name [Symbol] of something that changes: a column, or the {#link}
      # @return [Object] the value that the record has
      def value(record, name)
        name == link.name ? link.of(record) : record[name]
      end
    end
    private_constant :KnownColumns
  end
end
