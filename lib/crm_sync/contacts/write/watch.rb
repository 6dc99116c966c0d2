# frozen_string_literal: true

require "set"
require_relative "../decide/type_errors"
require_relative "../read/unreadable_value"

module CrmSync
  module Contacts
    # Finds the records whose written columns somebody has changed since the watch began, and what became of these
    # columns. Of each value, a number of 32 bits is kept in memory, for the value in the form of the database: the
    # model may be unable to read it. All records are compared, because not everybody who writes sets +updated_at+.
    class Watch
      BATCH = 10_000
      # The number of records that are looked up by their keys in one query.
      SLICE = 1_000
      private_constant :BATCH, :SLICE

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @model = schema.model
        @link = schema.link
        @names = [*schema.columns, @link.name]
        @places = {}
        @numbers = String.new
        rows(schema.users) do |key, row|
          @places[key] = @numbers.bytesize
          @numbers << numbers(row)
        end
      end

      # @return [Hash{Object => Hash{Symbol => Object}}] by key, the columns that have changed, with their present
      #   values
      def changed
        here = {}
        unseen = @places.keys.to_set
        rows(@schema.users) do |key, row|
          unseen.delete(key)
          compare(here, key, row)
        end
        # Records that are no longer in the scopes may have left them by the change.
        unseen.each_slice(SLICE) do |keys|
          rows(@schema.keyed(@model.unscoped, keys)) { |key, row| compare(here, key, row) }
        end
        here
      end

      # @return [Boolean] whether both are the same value of the column
      def same?(column, one, other)
        return false if one.is_a?(UnreadableValue)

        one, other = [one, other].map { |id| RecordId.same(id) } if column == @link.name && [one, other].all?(String)
        one == other || @schema.canonical(column, one) == @schema.canonical(column, other)
      end

      private

      def rows(records)
        type = @schema.type(@model.primary_key)
        columns = [@model.primary_key, *@schema.columns].map { |name| @model.arel_table[name] } << Arel.sql(@link.sql)
        records.in_batches(of: BATCH) do |batch|
          # Leaves out the columns that a default scope selects, which would come first.
          sql = @link.joined(batch).reselect(*columns).to_sql
          Database.connection(@model).select_rows(sql).each do |key, *row|
            yield @schema.unpadded_key(type.deserialize(key)), row
          end
        end
      end

      def numbers(row) = row.map(&:hash).pack("l*")

      def compare(found, key, row)
        now = numbers(row)
        before = @places.key?(key) ? @numbers.byteslice(@places[key], now.bytesize) : nothing
        found[key] = differing(before, now, row) if now != before
      end

      # Returns the numbers of a record that was not there: it had no values.
      def nothing = @nothing ||= numbers(@names.map { nil })

      def differing(before, now, row)
        pairs = before.unpack("l*").zip(now.unpack("l*"))
        changed = pairs.each_index.reject { |place| pairs[place].uniq.one? }
        changed.to_h { |place| [@names[place], value(@names[place], row[place])] }
      end

      def value(column, stored)
        @schema.from_database(column, stored)
      rescue StandardError => e
        raise unless TypeErrors.of_value?(e)

        UnreadableValue.new(e)
      end
    end
    private_constant :Watch
  end
end
