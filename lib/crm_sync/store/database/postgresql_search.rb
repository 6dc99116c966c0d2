# frozen_string_literal: true

require "json"
require_relative "session"

module CrmSync
  module Database
    # Asks PostgreSQL's planner for its plan of a search. A plan names an index also where the value restricts only a
    # later one of its columns, so that all of the index is read; so the columns before that one have to be restricted
    # as well.
    class PostgreSQLSearch
      # A value that the planner does not know, and that a plan shows as it is; it is NULL, which every type has.
      NAME = "crm_sync.sought"
      # Between the conditions of a plan.
      AND = ") AND ("
      private_constant :NAME, :AND

      # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter]
      # @param search [Search]
      def initialize(connection, search)
        @connection = connection
        @search = search
      end

      # @return [Boolean] whether an index leads to the rows
      def indexed?
        @search.queries("CAST(current_setting('#{NAME}', TRUE) AS #{@search.type})").any? do |query|
          nodes(plan(query)).select { |node| seeks?(node) }.all? { |node| leads?(node) }
        end
      end

      private

      # Returns a plan without sequential scans, because for a small table the planner prefers one to any index.
      def plan(query)
        Database.transaction(@connection) do
          text = Session.new(@connection).with_indexes do
            @connection.select_value("EXPLAIN (FORMAT JSON) #{query}", "SCHEMA")
          end
          JSON.parse(text).first.fetch("Plan")
        end
      end

      # Returns a part of a plan, and all parts below it.
      def nodes(node) = [node, *node.fetch("Plans", []).flat_map { |below| nodes(below) }]

      def seeks?(node) = node.values_at("Index Cond", "Filter").any? { |condition| condition.to_s.include?(NAME) }

      def leads?(node)
        return false unless node["Index Cond"].to_s.include?(NAME)

        others = indexes(node["Index Name"])
        columns = others.delete(node["Index Name"]) or return true # no B-tree, and so without an order of columns
        first?(columns, node["Index Cond"].split(AND), others.values.map(&:first))
      end

      # Returns whether all columns up to the one that is searched are restricted. If the table has hardly a row, the
      # planner takes any index, although another one starts with that column.
      def first?(columns, conditions, others)
        sought = columns.find { |column| restricted?(column, conditions.grep(/#{NAME}/o)) }
        before = columns.take_while { |column| column != sought }
        before.all? { |column| restricted?(column, conditions) } || others.include?(sought)
      end

      # Returns whether one of the conditions restricts a column of an index to single values.
      def restricted?(column, conditions)
        conditions.grep(/\A\(*#{Regexp.escape(column.sub(/\A\(+/, ""))}(?!\w)[\w\s:()]*? (?:=|IS NULL)/).any?
      end

      # Returns the columns of the named B-tree, as plans show them, and of all others on whole rows of its table.
      def indexes(name)
        rows = @connection.uncached { @connection.select_rows(<<~SQL, "SCHEMA") }
          SELECT relname, pg_get_indexdef(indexrelid, place, FALSE)
          FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam AND amname = 'btree',
            generate_series(1, indnatts) place
          WHERE indisvalid AND (relname = #{quote(name)} OR indpred IS NULL) AND indrelid = (
            SELECT indrelid FROM pg_index JOIN pg_class named ON named.oid = indexrelid
            WHERE named.relname = #{quote(name)}
            ORDER BY (indrelid = to_regclass(#{quote(@search.model.quoted_table_name)})) IS TRUE DESC,
              pg_table_is_visible(indrelid) DESC
            LIMIT 1)
          ORDER BY relname, place
        SQL
        rows.group_by(&:first).transform_values { |found| found.map(&:last) }
      end

      def quote(text) = @connection.quote(text)
    end
    private_constant :PostgreSQLSearch
  end
end
