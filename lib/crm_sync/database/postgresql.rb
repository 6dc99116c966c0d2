# frozen_string_literal: true

module CrmSync
  module Database
    # PostgreSQL through the pg gem.
    # @api private
    class PostgreSQL
      # Rows that cross at a time: few enough that a page takes milliseconds, many enough that there are few pages.
      PAGE = 20_000
      private_constant :PAGE

      def initialize(connection)
        @connection = connection
      end

      # SQL for a text with its length in front.
      def pack(sql)
        "COALESCE(CHAR_LENGTH(#{sql}::text) || ':' || #{sql}::text, '~')"
      end

      # SQL for a value whose text has no comma.
      def pack_plain(sql)
        "COALESCE(#{sql}::text || ',', '~')"
      end

      # Reads a statement's only column through a cursor.
      #
      # A page is fetched by one blocking call with the GVL released once. The usual call takes and gives the GVL for
      # every piece that arrives, and beside a busy Ruby thread each time costs 0.1 s. It also ends before an interrupt
      # is acted on, so that an interrupted read leaves the connection usable.
      #
      # @yieldparam rows [Array<String>]
      def stream(sql, &)
        Database.transaction(@connection) do
          @connection.execute("DECLARE crm_sync_users NO SCROLL CURSOR FOR #{sql}")
          fetch(Driver.raw(@connection), &)
          @connection.execute("CLOSE crm_sync_users")
        end
      end

      private

      def fetch(raw)
        loop do
          result = raw.sync_exec("FETCH FORWARD #{PAGE} FROM crm_sync_users")
          rows = result.column_values(0)
          result.clear
          break if rows.empty?

          yield rows
        end
      end
    end
  end
end
