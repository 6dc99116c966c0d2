# frozen_string_literal: true

require "digest"
require "json"
require_relative "read"
require_relative "snapshot_keeping"
require_relative "snapshots"

module CrmSync
  module Contacts
    # Decides how much a run reads: everything, or what changed since the last read, if the declaration says
    # +incremental+ and the run can build on the last read.
    class Extent
      # The format of the files and the meaning of the state; a read in another format is not used.
      FORMAT = 1
      # Seconds for which Salesforce shows deleted records: 14 of its 15 days. After a longer pause, only a read of
      # everything shows which records are gone.
      DELETED_SEEN = 14 * 86_400
      # The options for the native side if everything is read and nothing kept.
      EVERYTHING = { stamps: [], kept: nil, since: nil, changes_only: false, keep_in: nil, began: 0 }.freeze
      private_constant :FORMAT, :DELETED_SEEN

      # @return [Time] the start of the read
      attr_reader :began_at

      # @param declaration [CrmSync::Contacts::Declaration]
      # @param host [String] the host of the org
      # @param full [Boolean] whether everything is read in any case
      # @param keep [Boolean] whether this read may replace the last one
      def initialize(declaration, host, full:, keep:)
        @incremental = declaration.incremental
        @host = host
        @wants_full = full
        @keep = keep
        @snapshots = Snapshots.new(declaration, host) if @incremental
        @log = Log.new(declaration.name)
        # The watermark. Changes after it may have been read, or not.
        @began_at = Time.current
        @started = began_at.to_i
      end

      # @param sources [Hash{Symbol => Hash, nil}] the options of each source for the native side
      # @return [Hash{Symbol => Hash, nil}] the same, with how much of each is read
      def of(sources)
        named = sources.compact
        chosen = @incremental ? choose(named) : named.transform_values { |source| source.merge(EVERYTHING) }
        sources.merge(chosen)
      end

      # @return [Boolean] whether everything is read
      def full?
        @kept.nil? || @wants_full || @kept.value?(nil) || @started - last.full >= @incremental.full_every
      end

      # @param accounts [Hash{Symbol => Hash, nil}] for each source how it was read
      # @return [CrmSync::Contacts::Read]
      def read(accounts)
        full = full? ? @started : last.full
        keeping = SnapshotKeeping.new(@snapshots, @queries, @files, began: @started, full:)
        Read.new(accounts.compact, since: (since unless full?), keeping:)
      end

      private

      def choose(sources)
        sources = sources.transform_values { |source| source.merge(stamps: stamps(source[:fields])) }
        @queries = sources.transform_values { |source| query(source) }
        @kept = kept
        @files = @keep ? fresh_files : {}
        sources.to_h { |name, source| [name, source.merge(choice(name))] }
      end

      def last
        @last ||= @snapshots.last
      end

      def since
        last.watermark - @incremental.overlap
      end

      def stamps(fields)
        parents = fields.flat_map { |path| Internal::ApiName.parents(path) }.uniq
        ["SystemModstamp", *parents.map { |parent| "#{parent}.SystemModstamp" }]
      end

      # Returns a digest of the query: rows that answer another query are of no use.
      def query(source)
        asked = [FORMAT, @host, *source.values_at(:object, :fields, :where, :stamps)]
        Digest::SHA256.hexdigest(JSON.generate(asked))
      end

      def kept
        return @queries.transform_values { nil } unless last && timely?

        @queries.to_h do |name, query|
          kept = last.sources[name.to_s]
          [name, (@snapshots.open(kept) if kept && kept["query"] == query)]
        end
      end

      # Returns whether the last read is recent enough, and not in the future, where it is after the clock was put back.
      def timely?
        last.watermark <= @started && since > @started - DELETED_SEEN
      end

      def fresh_files
        @snapshots.tidy
        @queries.to_h { |name, _| [name, @snapshots.fresh_name(name)] }
      rescue SystemCallError => e
        @log.warn("what is read cannot be kept, and the next run reads everything: #{e.message}")
        {}
      end

      def choice(name)
        {
          kept: @kept[name], since: (Time.at(since).utc.iso8601 if @kept[name]), changes_only: !full?,
          keep_in: (@snapshots.path(@files[name]) if @files[name]), began: @started
        }
      end
    end
    private_constant :Extent
  end
end
