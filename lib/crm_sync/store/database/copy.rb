# frozen_string_literal: true

require_relative "../preemptible"
require_relative "driver"

module CrmSync
  module Database
    # Fills a table by COPY, through the pg gem: no value is a parameter of its own, and the statement is short.
    #
    # It calls the driver directly, in a transaction that is open in the database. After a call of Rails'
    # +raw_connection+, Rails would send the BEGIN of every transaction at once, and never reconnect, until the host
    # gives the connection back; COPY leaves nothing on the connection that would be a reason for that.
    #
    # Interrupts wait until the rows have been sent, because a connection in the middle of a COPY accepts no statement.
    class Copy
      # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter]
      # @return [Copy, nil] nil where the driver is not the pg gem
      def self.through(connection)
        new(connection) if Driver.pg?(connection)
      end

      # @param connection (see .through)
      def initialize(connection)
        @connection = connection
        @raw = Driver.raw(connection)
      end

      # @param table [String] the quoted name of the table
      # @param rows [Enumerable<Array>] the values of all columns, in the order of the columns, as their types serialize
      #   them
      # @return [void]
      # @raise [ActiveRecord::StatementInvalid] with a message that contains no value of a row
      def fill(table, rows)
        text = text(rows)
        Thread.handle_interrupt(Object => :never) { send_text("COPY #{table} FROM STDIN", text) }
      rescue ::PG::Error => e
        raise ActiveRecord::StatementInvalid, "#{e.class}, in a COPY"
      end

      private

      # Each call releases the GVL once: if another Ruby thread is busy, getting it back takes 0.1 s.
      def send_text(sql, text)
        @raw.sync_exec(sql)
        @raw.sync_put_copy_data(text)
        @raw.sync_put_copy_end
        @raw.sync_get_last_result
      end

      def text(rows)
        coder = ::PG::TextEncoder::CopyRow.new(type_map: @raw.type_map_for_queries)
        encoding = @raw.internal_encoding
        Preemptible.new(rows).each_with_object(String.new(encoding:)) do |row, text|
          text << coder.encode(row.map { |value| plain(value) }, encoding)
        end
      end

      # Returns a value in the form that the driver takes. Bytes, which Rails gives it together with their format,
      # become text.
      def plain(value)
        case value
        when String, Integer, true, false, nil then value # as most values are
        else
          cast = @connection.type_cast(value)
          cast.is_a?(Hash) ? "\\x#{cast.fetch(:value).unpack1("H*")}" : cast
        end
      end
    end
    private_constant :Copy
  end
end
