# frozen_string_literal: true

require_relative "id_suffix"

module CrmSync
  module Database
    # Builds SQL for SQLite that tells texts apart. A text column can hold bytes, which read like a text and equal none.
    # @api private
    class SQLiteTexts
      # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter]
      def initialize(connection)
        @connection = connection
      end

      # @return [Boolean] whether the SQL below is right: a text in UTF-16 has other bytes
      def known?
        Database.once([:encoding, @connection]) { @connection.select_value("PRAGMA encoding", "SCHEMA") } == "UTF-8"
      end

      # @param sql [String] a value
      # @param place [Integer] the number of the array, from 1 on
      # @param type [String, nil] the type of the value, if it is not a text
      # @return [Array(String)] the condition that the value is in an array that {SQLite#stream} is given
      def given(sql, place, type = nil)
        ["#{sql} IN (SELECT #{type ? "CAST(value AS #{type})" : "value"} FROM json_each(?#{place}))"]
      end

      # @param sql [String] a text
      # @return [String] SQL for the condition that it is ASCII without blanks or control characters at its ends, and
      #   not empty
      def plain(sql)
        "(#{text(sql)} AND #{ascii(sql)} AND UNICODE(#{sql}) > 32 AND UNICODE(SUBSTR(#{sql}, -1)) > 32)"
      end

      # Checks the length as well, because GLOB sees a text only up to its first NUL.
      #
      # @param sql [String] a text
      # @return [String] SQL for the condition that it is a UUID with hyphens, in any letter case
      def uuid(sql)
        parts = [8, 4, 4, 4, 12].map { |digits| "[0-9a-fA-F]" * digits }
        "(#{sql} GLOB '#{parts.join("-")}' AND LENGTH(CAST(#{sql} AS BLOB)) = 36)"
      end

      # @param sql [String] a text
      # @return [String] SQL for the condition that it is an integer in the usual spelling
      def integer(sql)
        "(#{text(sql)} AND CAST(CAST(#{sql} AS INTEGER) AS TEXT) = #{sql} COLLATE BINARY)"
      end

      # @param sql [String] a text
      # @return [String] SQL for the condition that it is a Salesforce id of 15 or 18 characters
      def record_id(sql)
        short, long = [15, 18].map do |length|
          "#{sql} GLOB '#{"[0-9A-Za-z]" * length}' AND LENGTH(CAST(#{sql} AS BLOB)) = #{length}"
        end
        "(#{text(sql)} AND ((#{short}) OR (#{long} AND #{IdSuffix.fits(sql, "UNICODE")})))"
      end

      # @param sql [String] a column of integers
      # @return [String] SQL for the condition that it holds something else, as any column in SQLite may
      def untyped(sql)
        "TYPEOF(#{sql}) <> 'integer'"
      end

      # @param sql [String]
      # @return [String] SQL for the value as a text that equals another one only if all bytes are equal
      def exact(sql)
        "CAST(#{sql} AS TEXT) COLLATE BINARY"
      end

      # @param columns [Array<String>] SQL
      # @return [String] SQL for the condition that one of them may hold a NUL or not be UTF-8, because it is not ASCII
      def unreadable(columns)
        doubts = columns.map { |sql| "(TYPEOF(#{sql}) IN ('text', 'blob') AND NOT #{ascii(sql)})" }
        "(#{doubts.join(" OR ")})"
      end

      private

      def text(sql) = "TYPEOF(#{sql}) = 'text'"

      # Returns the condition that a text is ASCII. LENGTH and GLOB see a text only up to its first NUL.
      def ascii(sql)
        "(LENGTH(CAST(#{sql} AS BLOB)) = LENGTH(CAST(#{sql} AS TEXT)) " \
          "AND CAST(#{sql} AS TEXT) NOT GLOB '*[^' || CHAR(1) || '-~]*')"
      end
    end
    private_constant :SQLiteTexts
  end
end
