# frozen_string_literal: true

require_relative "../../store/database"
require_relative "set_columns"

module CrmSync
  module Contacts
    # Finds the types that the columns of {SetTable} get. A column like one of a domain would have the domain's
    # constraints, which no value need meet there: it is NULL where a change does not write it, and a contact is given
    # in both spellings. It gets the type that the domain is made of.
    class PlainTypes
      # A domain can be made of another one. No real one is of more than a few.
      MOST = 10
      private_constant :MOST

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @connection = schema.connection
      end

      # @param layout [Array<SetColumns::Column>]
      # @return [Array<String>] for each column the SQL that gives its type and collation
      def of(layout)
        likes = layout.map(&:like)
        Database.once([:plain_types, @connection, likes]) { plain(likes) }
      end

      private

      def plain(likes)
        MOST.times do
          bases = bases(likes)
          return likes if bases.none?

          likes = likes.zip(bases).map { |like, base| base ? "CAST(#{like} AS #{base})" : like }
        end
        likes
      end

      # Returns for each column the type that its domain is made of; nil for those of no domain. The types are known
      # although there are no rows.
      def bases(likes)
        names = likes.each_index.map { |place| "crm_sync_#{place}" }
        columns = likes.zip(names).map { |like, name| "#{like} AS #{name}" }.join(", ")
        none = "SELECT #{columns} FROM #{@schema.model.quoted_table_name} WHERE FALSE"
        @connection.select_rows(<<~SQL, "SCHEMA").first
          SELECT #{names.map { |name| base(name) }.join(", ")}
          FROM (SELECT 1) crm_sync_one LEFT JOIN (#{none}) crm_sync_none ON TRUE
        SQL
      end

      def base(name)
        "(SELECT format_type(typbasetype, typtypmod) FROM pg_type WHERE oid = pg_typeof(#{name}) AND typtype = 'd')"
      end
    end
    private_constant :PlainTypes
  end
end
