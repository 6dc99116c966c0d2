# frozen_string_literal: true

require_relative "id_suffix"

module CrmSync
  module Database
    # SQL for SQLite that tells texts apart. A column of texts can hold bytes, which read as a text do and equal none.
    # @api private
    class SQLiteTexts
      # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter]
      def initialize(connection)
        @connection = connection
      end

      # @return [Boolean] whether the SQL below holds: a text in UTF-16 has other bytes
      def known?
        Database.once([:encoding, @connection]) { @connection.select_value("PRAGMA encoding", "SCHEMA") } == "UTF-8"
      end

      # @param sql [String] a value
      # @param place [Integer] the number of the array, from 1 on
      # @param type [String, nil] the type of the value, if it is not a text
      # @return [Array(String)] a condition: the value is one of those of an array that {SQLite#stream} is given
      def given(sql, place, type = nil)
        ["#{sql} IN (SELECT #{type ? "CAST(value AS #{type})" : "value"} FROM json_each(?#{place}))"]
      end

      # @param sql [String] a text
      # @return [String] SQL for: it is ASCII without blanks or control characters at its ends, and not empty
      def plain(sql)
        "(#{text(sql)} AND #{ascii(sql)} AND UNICODE(#{sql}) > 32 AND UNICODE(SUBSTR(#{sql}, -1)) > 32)"
      end

      # GLOB sees a text up to its first NUL.
      #
      # @param sql [String] a text
      # @return [String] SQL for: it is a UUID with hyphens, in whatever letter case
      def uuid(sql)
        parts = [8, 4, 4, 4, 12].map { |digits| "[0-9a-fA-F]" * digits }
        "(#{sql} GLOB '#{parts.join("-")}' AND LENGTH(CAST(#{sql} AS BLOB)) = 36)"
      end

      # @param sql [String] a text
      # @return [String] SQL for: it is an integer as one writes it
      def integer(sql)
        "(#{text(sql)} AND CAST(CAST(#{sql} AS INTEGER) AS TEXT) = #{sql} COLLATE BINARY)"
      end

      # @param sql [String] a text
      # @return [String] SQL for: it is an id of Salesforce's, of 15 or 18 characters
      def record_id(sql)
        short, long = [15, 18].map do |length|
          "#{sql} GLOB '#{"[0-9A-Za-z]" * length}' AND LENGTH(CAST(#{sql} AS BLOB)) = #{length}"
        end
        "(#{text(sql)} AND ((#{short}) OR (#{long} AND #{IdSuffix.fits(sql, "UNICODE")})))"
      end

      # @param sql [String] a column of integers
      # @return [String] SQL for: it holds something else, as any column of SQLite's may
      def untyped(sql)
        "TYPEOF(#{sql}) <> 'integer'"
      end

      # @param sql [String]
      # @return [String] SQL for the value as a text that is equal to another one only if all bytes are
      def exact(sql)
        "CAST(#{sql} AS TEXT) COLLATE BINARY"
      end

      # @param columns [Array<String>] SQL
      # @return [String] SQL for: one of them may hold a NUL or not be UTF-8, because it is not ASCII
      def unreadable(columns)
        doubts = columns.map { |sql| "(TYPEOF(#{sql}) IN ('text', 'blob') AND NOT #{ascii(sql)})" }
        "(#{doubts.join(" OR ")})"
      end

      private

      def text(sql) = "TYPEOF(#{sql}) = 'text'"

      # LENGTH and GLOB see a text up to its first NUL.
      def ascii(sql)
        "(LENGTH(CAST(#{sql} AS BLOB)) = LENGTH(CAST(#{sql} AS TEXT)) " \
          "AND CAST(#{sql} AS TEXT) NOT GLOB '*[^' || CHAR(1) || '-~]*')"
      end
    end
    private_constant :SQLiteTexts
  end
end
