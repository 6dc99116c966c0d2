# frozen_string_literal: true

require_relative "../notices/given"
require_relative "outbound"
require_relative "record_id"

module CrmSync
  # Checks the rows that a host passes in, and converts them to JSON, before any of them is sent.
  module OutgoingRows
    class << self
      # @param rows [Enumerable<Hash>] also one that can be iterated only once
      # @return [Array<Hash>]
      # @raise [ArgumentError] when it is not a list, or a row is not a Hash
      def list(rows)
        raise ArgumentError, "rows are #{Given.kind(rows)}; give a list of them" unless rows.is_a?(Enumerable)

        rows.to_a.each.with_index(1) do |row, number|
          next if row.respond_to?(:to_hash)

          raise ArgumentError, "row #{number} is #{Given.kind(row)}; give a Hash of its fields"
        end
      end

      # @param object [String]
      # @param rows [Array<Hash>] each with its +"Id"+
      # @return [Array<Array(String, String)>] the id of each row, with its fields as JSON
      # @raise [ArgumentError]
      def updates(object, rows)
        writes = rows.map do |row|
          row = row.transform_keys(&:to_s)
          [row["Id"].to_s, Outbound.json(row.except("Id"))]
        end
        Given.refuse_twice(writes.map { |id, _| RecordId.same(id) }, object)
        writes
      end

      # @param rows [Array<Hash>] without an id
      # @return [Array<String>] JSON
      # @raise [ArgumentError]
      def creates(rows)
        rows.map.with_index(1) do |row, number|
          refuse_id(row, number)
          Outbound.json(row)
        end
      end

      # @param object [String]
      # @param by [String] a field
      # @param rows [Array<Hash>] each with a value of the field, and without an id
      # @return [Array<String>] JSON
      # @raise [ArgumentError]
      def upserts(object, by, rows)
        refuse_by_id(by)
        values = rows.map.with_index(1) { |row, number| key(row.transform_keys(&:to_s), by, number) }
        Given.refuse_twice(values, object)
        creates(rows)
      end

      private

      def key(row, by, number)
        value = row[by]
        return value.to_s if value.present?

        raise ArgumentError, "row #{number} has no #{by}, by which its record is to be found"
      end

      def refuse_by_id(by)
        return unless by.casecmp?("id")

        raise ArgumentError, "upsert finds a record by an external id; one with an Id is written with update"
      end

      def refuse_id(row, number)
        return if row.keys.none? { |name| name.to_s.casecmp?("id") }

        raise ArgumentError, "row #{number} has an Id; a record that is there is written with update"
      end
    end
  end
  private_constant :OutgoingRows
end
