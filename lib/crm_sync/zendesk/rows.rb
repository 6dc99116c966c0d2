# frozen_string_literal: true

require "json"
require_relative "../notices/given"

module CrmSync
  module Zendesk
    # Converts rows to the form that the core takes, and refuses invalid rows.
    module Rows
      # The ids that Zendesk can have: positive numbers in 64 bits.
      IDS = (1..((2**63) - 1))
      private_constant :IDS

      class << self
        # @return [String] the attributes of a new organization as JSON
        # @raise [ArgumentError]
        def create(row)
          row = attributes(row, "the organization")
          raise ArgumentError, "a new organization has no id; update_many writes to those that are there" if row["id"]

          json(row, "the organization")
        end

        # @return [Array<Array(Integer, String)>] ids, with attributes as JSON
        # @raise [ArgumentError]
        def updates(rows)
          raise ArgumentError, "the rows are not a list" unless rows.is_a?(Enumerable)

          updates = rows.map.with_index(1) { |row, number| update(row, "row #{number}") }
          Given.refuse_twice(updates.map(&:first), "organization")
          updates
        end

        private

        def update(row, what)
          row = attributes(row, what)
          raise ArgumentError, "#{what} has no id" if row["id"].nil?

          id = row["id"]
          id = Integer(id, 10, exception: false) if id.is_a?(String)
          unless id.is_a?(Integer) && IDS.cover?(id)
            raise ArgumentError, "the id of #{what} cannot be an organization's"
          end

          [id, json(row.except("id"), what)]
        end

        def attributes(row, what)
          raise ArgumentError, "#{what} is not a Hash of attributes" unless row.is_a?(Hash)

          row.transform_keys(&:to_s)
        end

        def json(row, what)
          JSON.generate(row)
        rescue JSON::JSONError, EncodingError
          raise ArgumentError, "#{what} cannot be JSON: it holds text that is not UTF-8, a number that is none, or " \
                               "too many Hashes in each other"
        end
      end
    end
    private_constant :Rows
  end
end
