# frozen_string_literal: true

require_relative "../../issue"
require_relative "../read/membership"

module CrmSync
  module Contacts
    # Finds unique indexes on the foreign key that ignore the declared scopes. A contact of a row outside of the scopes
    # is free for this sync, but the database would refuse it for any other row. Nothing else goes wrong, so a run is
    # not refused because of it.
    class IndexCheck
      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @model = schema.model
        @link = schema.declaration.foreign_key
      end

      # @return [Array<CrmSync::Issue>] an issue for each such index
      def issues
        return [] if @schema.declaration.scopes.empty? || @schema.declaration.through

        unique = @schema.connection.indexes(@model.table_name).select { |index| unique?(index) }
        unique.select { |index| blind?(index) }.map { |index| issue(index) }
      end

      private

      def unique?(index) = index.unique && Array(index.columns) == [@link.to_s]

      # Queries whether a partial index includes rows outside of the scopes. The conditions themselves are not compared,
      # because the same condition can be written in many ways.
      def blind?(index)
        return true unless index.where

        rows = @model.base_class.unscoped.where(Arel.sql("(#{index.where})")).where.not(@link => nil)
        rows.exists?([Arel.sql("CASE WHEN #{condition} THEN 0 ELSE 1 END = 1")])
      end

      def condition
        @condition ||= Membership.sql(@schema.everybody)
      end

      def issue(index)
        scopes = @schema.declaration.scopes.join(" and ")
        message = "the unique index #{index.name} on #{@model.table_name}.#{@link} does not know of the scope " \
                  "#{scopes}: where a row outside of it has a contact, the database refuses that contact to " \
                  "everybody else. #{mend}"
        Issue.new(kind: :unique_index, message: Presentable.text(message))
      end

      def mend
        return "Make it a partial one: where: #{bare.inspect}" unless bare.match?(/\bSELECT\b/i)

        "Set #{@link} to NULL where a row leaves the scope, or drop the index"
      end

      # Returns the condition with unqualified column names: SQLite does not allow the name of the table in an index.
      def bare
        condition.gsub("#{@model.quoted_table_name}.", "")
      end
    end
    private_constant :IndexCheck
  end
end
