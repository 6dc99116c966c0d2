# frozen_string_literal: true

require_relative "../notices/presentable"

module CrmSync
  module CommandLine
    # Reports the files that a gathering stage has written.
    class GatherReport
      class << self
        # @param dir [String]
        # @param count [Integer]
        # @return [GatherReport]
        def accounts(dir, count)
          new({ Internal::StagesFolder.new(dir).accounts => [count, "accounts"] })
        end

        # @param dir [String]
        # @param sync [Class]
        # @param counts [Hash{Symbol => Integer}] by instance
        # @return [GatherReport]
        def organizations(dir, sync, counts)
          folder = Internal::StagesFolder.new(dir)
          written = sync.declaration.instance.name
          new(counts.to_h do |name, count|
            [folder.organizations(name == written ? nil : name), [count, "organizations"]]
          end)
        end
      end

      # @param files [Hash{String => Array(Integer, String)}]
      def initialize(files)
        @files = files
      end

      # @return [Symbol]
      def status
        :gathered
      end

      # @return [Hash{Symbol => Object}] for JSON
      def to_h
        written = @files.map { |file, (count, what)| { file:, what.to_sym => count } }
        { status:, summary: {}, refusals: [], errors: [], issues: [], ledger: {}, written: }
      end

      # @return [String] for people
      def to_s
        @files.map { |file, (count, what)| "#{Presentable.count(count)} #{what} are in #{file}" }.join("\n")
      end

      # @return [Array<Array(Symbol, String)>] the lines that +--quiet+ prints to stderr, each with its level
      def unsaid
        []
      end
    end
    private_constant :GatherReport
  end
end
