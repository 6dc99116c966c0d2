# frozen_string_literal: true

module CrmSync
  module Contacts
    # Finds out whether the database lower-cases ASCII letters in the usual way. In Turkish, I becomes another letter,
    # so that the lower case of an address is not the core's. The language is that of the column.
    class LetterCase
      UPPER = [*"A".."Z"].join.freeze
      private_constant :UPPER

      # @param sql [KeySql]
      # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter]
      def initialize(sql, connection)
        @sql = sql
        @connection = connection
      end

      # @return [String, nil] a query for the lower case of all letters; nil if letter case counts in the key
      def query
        return unless @sql.key.kind == :email

        texts = "SELECT #{@sql.value} AS value FROM #{@sql.source} WHERE 1 = 0"
        "(SELECT LOWER(value) FROM (#{texts} UNION ALL SELECT #{@connection.quote(UPPER)}) texts)"
      end

      # @return [Boolean] whether it is the usual one, as the database says
      def usual?
        asked = query
        asked.nil? || LetterCase.usual?(@connection.select_value("SELECT #{asked}", "SCHEMA"))
      end

      # @param letters [String] the result of {#query}
      # @return [Boolean] whether it is the usual one
      def self.usual?(letters) = letters == UPPER.downcase
    end
    private_constant :LetterCase
  end
end
