# frozen_string_literal: true

require_relative "id_suffix"

module CrmSync
  module Database
    # Builds SQL for PostgreSQL that tells texts apart.
    # @api private
    class PostgreSQLTexts
      # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter]
      def initialize(connection)
        @connection = connection
      end

      # @return [Boolean] whether texts come as the core has them: the texts of a database in another encoding are
      #   converted on their way, and those of one without an encoding need not be texts
      def known?
        encoding == "UTF8"
      end

      # @return [String] the encoding of the database
      def encoding
        Database.once([:encoding, @connection]) do
          told_at_start || @connection.select_value("SELECT current_setting('server_encoding')", "SCHEMA")
        end
      end

      # Builds the condition that a value is in an array. A join keeps the order of the texts, in which an index is read
      # faster. Its column has a name that no table of the app has, because scopes of the app may name their own columns
      # without the table.
      # @param sql [String] a value
      # @param place [Integer] the number of the array, from 1 on
      # @param type [String, nil] the type of the value, if it is not a text
      # @return [Array(String, String)] the condition that the value is in an array that {PostgreSQL#stream} is given,
      #   and the join that it needs
      def given(sql, place, type = nil)
        ["#{sql} = crm_sync_given.crm_sync_text#{"::#{type}" if type}",
         "CROSS JOIN json_array_elements_text(convert_from($#{place}, 'UTF8')::json) crm_sync_given(crm_sync_text)"]
      end

      # @param sql [String] a text
      # @return [String] SQL for the condition that it is ASCII without blanks or control characters at its ends, and
      #   not empty
      def plain(sql)
        "(#{ascii(sql)} AND ASCII(#{sql}) > 32 AND ASCII(RIGHT(#{sql}, 1)) > 32)"
      end

      # @param sql [String] a text
      # @return [String] SQL for the condition that it is a UUID with hyphens, in any letter case
      def uuid(sql)
        hex = "[0123456789abcdefABCDEF]"
        "(#{sql} ~ '^#{[8, 4, 4, 4, 12].map { |digits| "#{hex}{#{digits}}" }.join("-")}$')"
      end

      # @param sql [String] a text
      # @return [String] SQL for the condition that it is an integer in the usual spelling, of 18 digits at most
      def integer(sql)
        "(#{sql} ~ '^(0|-?[123456789][0123456789]{0,17})$')"
      end

      # @param sql [String] a text
      # @return [String] SQL for the condition that it is a Salesforce id of 15 or 18 characters
      def record_id(sql)
        text = exact(sql)
        "(#{text} ~ '^[0-9A-Za-z]{15}$' OR (#{text} ~ '^[0-9A-Za-z]{18}$' AND #{IdSuffix.fits(sql, "ASCII")}))"
      end

      # Returns no condition, because a column of integers or UUIDs holds nothing else.
      #
      # @param _sql [String] a column of integers or UUIDs
      # @return [nil]
      def untyped(_sql); end

      # @param sql [String]
      # @return [String] SQL for the value as a text that equals another one only if all bytes are equal
      def exact(sql)
        "(#{sql})::text COLLATE \"C\""
      end

      # Returns no condition, because every text is readable in a database whose encoding is {#known?}.
      #
      # @param _columns [Array<String>] SQL
      # @return [nil]
      def unreadable(_columns); end

      private

      # Returns the condition that a text is ASCII. In UTF-8, a character of one byte is; in other encodings it need not
      # be, and a pattern tells, which takes longer.
      def ascii(sql)
        return "OCTET_LENGTH(#{sql}) = CHAR_LENGTH(#{sql})" if known?

        "#{exact(sql)} !~ '[^\\x01-\\x7F]'"
      end

      # Returns the encoding that the server reports when a session begins; it never changes.
      def told_at_start
        Driver.raw(@connection).parameter_status("server_encoding") if Driver.pg?(@connection)
      end
    end
    private_constant :PostgreSQLTexts
  end
end
