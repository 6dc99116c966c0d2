# frozen_string_literal: true

require_relative "read"
require_relative "snapshot_keeping"

module CrmSync
  module Contacts
    # Reads only the contacts and leads that fulfil a condition besides that of the declaration, and keeps nothing for
    # the next run. It has the same methods as {Extent}.
    class Part
      # A condition that no record fulfills.
      NOTHING = "Id = null"

      # @param lists [Array<Array(String, Array)>] fields, each with values
      # @return [String] the condition that one of the fields has one of its values
      def self.any(lists)
        known = lists.reject { |_, list| list.empty? }
        known.map { |field, list| "#{field} IN #{Salesforce::Soql.quote(list)}" }.join(" OR ").presence || NOTHING
      end

      # @return [Time] the start of the read
      attr_reader :began_at

      # @param conditions [Hash{Symbol => String}] a SOQL condition for each source
      def initialize(conditions)
        @conditions = conditions
        @began_at = Time.current
      end

      # @param sources (see Extent#of)
      # @return (see Extent#of)
      def of(sources)
        sources.to_h { |name, source| [name, source&.merge(Extent::EVERYTHING, where: within(name, source))] }
      end

      # @return [false] because a record that is not read is not known to be missing
      def full? = false

      # @param accounts (see Extent#read)
      # @return (see Extent#read)
      def read(accounts)
        keeping = SnapshotKeeping.new(nil, {}, {}, began: @began_at.to_i, full: 0)
        Read.new(accounts.compact, since: nil, keeping:)
      end

      private

      def within(name, source)
        [source[:where], @conditions.fetch(name)].compact.map { |condition| "(#{condition})" }.join(" AND ")
      end
    end
    private_constant :Part
  end
end
