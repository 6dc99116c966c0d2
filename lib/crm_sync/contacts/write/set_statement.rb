# frozen_string_literal: true

require_relative "set_sql"

module CrmSync
  module Contacts
    # Builds the statement that writes a batch and returns the numbers of the changes that it wrote.
    class SetStatement
      include SetSql

      # @param schema [CrmSync::Contacts::Schema]
      # @param premises [CrmSync::Contacts::Premises]
      # @param table [CrmSync::Contacts::SetTable] the batch
      def initialize(schema, premises, table)
        @schema = schema
        @premises = premises
        @table = table
        @model = schema.model
      end

      # @param doubtful [Array<CrmSync::Change>] the changes that have to be checked one by one
      # @return [String] SQL that writes the other changes, if their premises certainly hold
      def guarded(doubtful)
        others = "#{given("number")} NOT IN (#{@table.numbers(doubtful).join(", ")})" if doubtful.any?
        update([*@premises.conditions(@table.columns), *others])
      end

      # @param changes [Array<CrmSync::Change>] changes whose premises have been checked, under their locks
      # @return [String] SQL that writes these changes
      def judged(changes)
        update(["#{given("number")} IN (#{@table.numbers(changes).join(", ")})"])
      end

      # Finds the records that a trigger has rewritten or dropped, whatever the statements that wrote them returned.
      # Also finds records with values that the batch's table may hold in another spelling than the one in which they
      # were sent.
      # @return [String] SQL that returns the numbers of the changes whose records may not be as sent, byte for byte
      def unlike
        columns = @table.columns.each_with_index.map do |name, place|
          unlike = "AND NOT #{same(own(name), given("after_#{place}"))}" unless @schema.respelled?(name)
          "(#{given("writes_#{place}")} #{unlike})"
        end
        "SELECT #{given("number")} FROM pg_temp.#{NAME} LEFT JOIN #{@model.quoted_table_name} ON #{key} " \
          "WHERE #{["#{own(@model.primary_key)} IS NULL", *columns].join(" OR ")}"
      end

      private

      def update(conditions)
        "UPDATE #{@model.quoted_table_name} SET #{assignments.join(", ")} FROM pg_temp.#{NAME} " \
          "WHERE #{[key, *conditions].join(" AND ")} RETURNING #{[given("number"), *computed].join(", ")}"
      end

      # Returns SQL that fails if a column cannot be computed with the new values, as some cannot that the database
      # computes whenever they are read: the app could read the record no more.
      def computed
        "num_nulls(#{@schema.virtual.map { |name| own(name) }.join(", ")})" if @schema.virtual.any?
      end

      def assignments
        written = @table.columns.each_with_index.map do |name, place|
          other = touched.fetch(name.to_s) { own(name) }
          "#{quote(name)} = CASE WHEN #{given("writes_#{place}")} THEN #{given("after_#{place}")} ELSE #{other} END"
        end
        written + touched.except(*@table.columns.map(&:to_s)).map { |name, time| "#{quote(name)} = #{time}" } + version
      end

      # Returns the columns that a save touches, with the SQL of their values.
      def touched
        return {} unless @model.record_timestamps

        @touched ||= @model.timestamp_attributes_for_update_in_model.to_h do |name|
          time = @schema.type(name).cast(@model.current_time_from_proper_timezone)
          [name, @schema.connection.quote(@schema.serialize(name, time))]
        end
      end

      def version
        return [] unless @model.locking_enabled?

        column = @model.locking_column
        ["#{quote(column)} = COALESCE(#{own(column)}, 0) + 1"]
      end

      def key
        "#{own(@model.primary_key)} = #{given("key")}"
      end
    end
    private_constant :SetStatement
  end
end
