# frozen_string_literal: true

module CrmSync
  module Database
    # Represents a search of a run for the rows with a value, of which the database is asked how it would do it.
    # +sql+ is the column, or an +expression+ of it, as it is compared, and +type+ the SQL type of this; +rows+ is the
    # condition that the run adds.
    Search = Struct.new(:model, :column, :sql, :type, :rows, :expression, keyword_init: true) do
      # Returns the search without the condition, and with it. The first can be served by an index on whole rows; the
      # second also by a partial index, or by one that starts with a column of the condition.
      # @param value [String] SQL for the value
      # @param hint [String, nil] SQL that follows the table
      # @return [Array<String>] queries; an index that serves one of them serves the run
      def queries(value, hint = nil)
        query = ["SELECT 1 FROM #{model.quoted_table_name}", hint, "WHERE #{sql} = #{value}"].compact.join(" ")
        [query, "#{query} AND #{rows}"]
      end
    end
  end
end
