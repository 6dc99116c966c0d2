# frozen_string_literal: true

require_relative "../../issue"
require_relative "../read/membership"

module CrmSync
  module Contacts
    # Finds unique indexes on the foreign key that do not know of the declared scopes: the contact of a row outside of
    # them is free for this sync, and the database would refuse it to everybody else. Nothing else goes wrong, so that a
    # run is not refused for it.
    class IndexCheck
      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @model = schema.model
        @link = schema.declaration.foreign_key
      end

      # @return [Array<CrmSync::Issue>] one for each such index
      def issues
        return [] if @schema.declaration.scopes.empty? || @schema.declaration.through

        unique = @schema.connection.indexes(@model.table_name).select { |index| unique?(index) }
        unique.select { |index| blind?(index) }.map { |index| issue(index) }
      end

      private

      def unique?(index) = index.unique && Array(index.columns) == [@link.to_s]

      # Asks of a partial index whether it has rows outside of the scopes: two conditions can be written in many ways.
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

      # Names the columns without their table, which SQLite refuses in an index.
      def bare
        condition.gsub("#{@model.quoted_table_name}.", "")
      end
    end
    private_constant :IndexCheck
  end
end
