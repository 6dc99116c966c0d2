# frozen_string_literal: true

require_relative "../database"
require_relative "../email"

module CrmSync
  module Contacts
    # Finds addresses in whatever spelling. The database only says which may be meant; which addresses are equal is for
    # {Email.normalize} to say, here as in the core.
    # @api private
    class AddressSearch
      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @name = schema.declaration.address_column
      end

      # @param relation [ActiveRecord::Relation] addresses
      # @param wanted [Array<String>] normalized addresses
      # @return [Array<Object>] the keys of those who have one of them, with repeats
      def owners(relation, wanted)
        rows = candidates(relation, wanted).pluck(@schema.association.foreign_key, @name)
        rows.select { |_, text| wanted.include?(Email.normalize(text)) }.map(&:first)
      end

      private

      # Lower case is all that plain ASCII differs by; what has blanks or other letters may be any address.
      def candidates(relation, wanted)
        column = @schema.address_model.arel_table[@name]
        relation.where(column.lower.in(wanted)).or(relation.where(Arel.sql(odd)))
      end

      def odd
        quoted = "#{@schema.address_model.quoted_table_name}.#{@schema.connection.quote_column_name(@name)}"
        Database.for(@schema.connection).odd(quoted)
      end
    end
  end
end
