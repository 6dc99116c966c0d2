# frozen_string_literal: true

module Bench
  module OpenstaxDay
    # What differs between two databases: users, and what was logged about them.
    class Comparison
      # Users whose rows are compared at once.
      SOME = 1_000

      # @param connections [Array<PG::Connection>] two
      def initialize(connections)
        @connections = connections
      end

      # @return [Array<String>] a line for each row that is in one of them only; none if they are alike
      def differences
        [*different_users, *logs.then { |first, second| only(first, second) }]
      end

      private

      def different_users
        sums = both("SELECT id / #{SOME}, md5(string_agg(users::text, ' ' ORDER BY id)) FROM users GROUP BY 1")
        parts = ((sums.first - sums.last) | (sums.last - sums.first)).map(&:first).uniq
        parts.flat_map { |part| only(*both("SELECT users::text FROM users WHERE id / #{SOME} = #{part}")) }
      end

      def logs
        both("SELECT user_id, event_type, event_data FROM security_logs ORDER BY 1, 2, 3")
      end

      def both(sql) = @connections.map { |connection| connection.exec(sql).values }

      # Logs can be there twice.
      def only(first, second)
        [first, second].map(&:tally).then do |one, other|
          { "day" => one.to_a - other.to_a, "at once" => other.to_a - one.to_a }.flat_map do |name, rows|
            rows.map { |row, count| "#{name}: #{row.join(", ")}#{" (#{count} times)" if count > 1}" }
          end
        end
      end
    end
  end
end
