# frozen_string_literal: true

require_relative "../../store/preemptible"
require_relative "plain_types"
require_relative "set_columns"
require_relative "set_sql"

module CrmSync
  module Contacts
    # Holds a batch of changes in a temporary table: the keys, the premises, and for each written column whether a
    # change writes it, the value that is expected there, and the new value.
    class SetTable
      include SetSql

      # The largest number of parameters that PostgreSQL takes in a statement.
      PARAMETERS = 65_535
      # The message about a record that somebody else keeps locked.
      LOCKED = "somebody keeps it locked"

      # @return [Array<Symbol>] the model's columns that the changes write
      attr_reader :columns

      # @param schema [CrmSync::Contacts::Schema]
      # @param premises [CrmSync::Contacts::Premises]
      # @param changes [Array<CrmSync::Change>] the changes of the batch
      def initialize(schema, premises, changes)
        @schema = schema
        @model = schema.model
        @premises = premises
        @numbers = changes.each_with_index.to_h
        @columns = Preemptible.new(changes).flat_map { |change| change.after.keys }.uniq
      end

      # @yieldparam table [SetTable] the table with the changes; it is dropped after the block
      # @return [Object] the result of the block
      def open
        execute("CREATE TEMPORARY TABLE #{NAME} ON COMMIT DROP AS SELECT #{columns_sql} FROM #{table} WITH NO DATA")
        fill
        result = yield self
        # Drops the table now: the commit that would drop it may belong to a transaction of the host's, which goes on.
        execute("DROP TABLE pg_temp.#{NAME}")
        result
      end

      # Locks the records in the order of their keys, in which everybody else locks them too. If there are several,
      # those that somebody else keeps locked are removed from the table: only a single record is waited for.
      # @return [Hash{CrmSync::Change => String}] the changes that were removed, with {LOCKED}
      def lock
        return execute(locking) && {} if @numbers.one?

        there = "SELECT #{key} FROM #{table} WHERE #{key} IN (SELECT crm_sync_key FROM pg_temp.#{NAME})"
        taken_out = execute("WITH ours AS (#{locking} SKIP LOCKED) DELETE FROM pg_temp.#{NAME} " \
                            "WHERE crm_sync_key IN (#{there}) AND crm_sync_key NOT IN (TABLE ours) " \
                            "RETURNING crm_sync_number").rows.flatten.to_set
        @numbers.select { |_, number| taken_out.include?(number) }.transform_values { LOCKED }
      end

      # @param numbers [Array<Integer>]
      # @return [Array<CrmSync::Change>] the changes with other numbers
      def without(numbers) = @numbers.keys - numbered(numbers)

      # @param numbers [Array<Integer>]
      # @return [Array<CrmSync::Change>] the changes with these numbers, in the order of the plan, because the database
      #   returns them in none
      def numbered(numbers) = numbers.sort.map { |number| (@by_number ||= @numbers.invert)[number] }

      # @param changes [Array<CrmSync::Change>]
      # @return [Array<Integer>]
      def numbers(changes) = changes.map { |change| @numbers[change] }

      private

      def columns_sql
        likes = PlainTypes.new(@schema).of(layout)
        layout.zip(likes).map { |column, like| "#{like} AS crm_sync_#{column.name}" }.join(", ")
      end

      def table = @model.quoted_table_name

      def key = own(@model.primary_key)

      def locking
        "SELECT #{key} AS crm_sync_it FROM #{table} WHERE #{key} IN (SELECT crm_sync_key FROM pg_temp.#{NAME}) " \
          "ORDER BY #{key} #{@premises.row_lock(@numbers.keys)}"
      end

      # Fills the table by COPY where the database has it. A single change is inserted instead, because its error is
      # reported, and is to have the words of an INSERT.
      def fill
        copy = Database.for(@schema.connection).copy unless @numbers.one?
        return insert unless copy

        copy.fill("pg_temp.#{NAME}", @numbers.lazy.map { |change, number| values(change, number) })
      end

      def insert
        @numbers.each_slice(PARAMETERS / layout.size) do |rows|
          places = rows.each_index.map { |row| "(#{places_of(row)})" }
          given = rows.flat_map { |change, number| values(change, number) }
          execute("INSERT INTO pg_temp.#{NAME} VALUES #{places.join(", ")}", given)
        end
      end

      def values(change, number) = layout.map { |column| column.value.call(change, number) }

      def places_of(row)
        layout.each_index.map { |place| "$#{(row * layout.size) + place + 1}" }.join(", ")
      end

      def execute(sql, values = [])
        @schema.connection.exec_query(sql, Database::UNLOGGED, values)
      end

      def layout = @layout ||= SetColumns.new(@schema, @premises).of(@columns)
    end
    private_constant :SetTable
  end
end
