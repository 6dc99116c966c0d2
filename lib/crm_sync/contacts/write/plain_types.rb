# frozen_string_literal: true

require_relative "../../store/database"
require_relative "set_columns"

module CrmSync
  module Contacts
    # Finds the types of the columns of {SetTable}. A column declared like one with a domain would have the domain's
    # constraints, which its values need not meet: it is NULL where a change does not write it, and a contact is given
    # in both spellings. It gets the base type of the domain instead.
    class PlainTypes
      # The largest depth of domains that are based on other domains. Real ones have only a few levels.
      MOST = 10
      private_constant :MOST

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @connection = schema.connection
      end

      # @param layout [Array<SetColumns::Column>]
      # @return [Array<String>] for each column, SQL that has its type and collation
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

      # Returns for each column the base type of its domain; nil for a column without a domain. The types are known even
      # if there are no rows.
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
