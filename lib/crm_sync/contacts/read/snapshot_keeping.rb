# frozen_string_literal: true

require_relative "snapshots"

module CrmSync
  module Contacts
    # Keeps the rows of a read in the place of those of the last one. A plan holds it until the plan is applied, so it
    # knows where the rows are, but not the object that has read them.
    class SnapshotKeeping
      # @param snapshots [Snapshots, nil] nil if nothing is kept
      # @param queries [Hash{Symbol => String}, nil] the digest of the query, for each source
      # @param files [Hash{Symbol => String}, nil] the name of the new file of each source
      # @param began [Integer] the watermark
      # @param full [Integer] the time of the last full read, which may be this one
      def initialize(snapshots, queries, files, began:, full:)
        @snapshots = snapshots
        @queries = queries
        @files = files
        @began = began
        @full = full
      end

      # @param fresh [Hash{Symbol => CrmSync::Native::FreshSnapshot}]
      def keep(fresh)
        return unless fresh.any? && fresh.keys == @queries.keys && fresh.values.all?(&:keep)

        sources = fresh.to_h do |name, snapshot|
          [name.to_s, { "file" => @files[name], "digest" => snapshot.digest, "query" => @queries[name] }]
        end
        @snapshots.keep(Snapshots::Last.new(@began, @full, sources))
      end
    end
    private_constant :SnapshotKeeping
  end
end
