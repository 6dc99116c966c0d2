# frozen_string_literal: true

require_relative "../notices/presentable"

module CrmSync
  module CommandLine
    # Reports a run. Its refusals and errors have been logged to stderr already.
    class RunReport
      # The maximum number of lines about stale changes and issues; the JSON has all of them.
      SHOWN = 20
      private_constant :SHOWN

      # @param sync [Class]
      # @param run [CrmSync::Run]
      # @param dir [String, nil] the folder of the stages
      def initialize(sync, run, dir = nil)
        @sync = sync
        @run = run
        @dir = dir
      end

      # @return [Symbol]
      def status
        @run.status
      end

      # @return [Hash{Symbol => Object}] for JSON
      def to_h
        { status:, summary: @run.summary, changes:, refusals: @run.refusals.map(&:as_json),
          errors: @run.errors.map(&:to_h), stale: @run.stale.map { |change, why| { key: change.key, why: } },
          issues: @run.issues.map(&:to_h), ledger: @run.ledger.to_h, written: }
      end

      # @return [String] for people
      def to_s
        [@run, @run.ledger, *concerns].map(&:to_s).reject(&:empty?).join("\n")
      end

      # @return [Array<Array(Symbol, String)>] the lines that +--quiet+ prints to stderr, each with its level
      def unsaid
        []
      end

      private

      # Returns each planned change with its outcome.
      def changes
        outcomes = { applied: @run.applied, held: @run.held, stale: @run.stale.keys, done_already: @run.done_already }
        of = outcomes.flat_map { |outcome, changes| changes.map { |change| [change, outcome] } }.to_h
        rest = @run.status == :blocked ? :blocked : :failed
        (@run.plan&.changes || []).map { |change| { **change.to_h, outcome: of.fetch(change, rest) } }
      end

      def concerns
        lines = @run.problems - [*@run.refusals, *@run.errors].map(&:to_s)
        more = "… #{Presentable.count(lines.size - SHOWN)} more; --json has all of them" if lines.size > SHOWN
        [*lines.first(SHOWN), more].compact
      end

      def written
        host = Zendesk.settings(@sync.declaration.instance.name).host
        zendesk = { zendesk: host, changes: @run.applied.size } if @run.applied.any?
        file = File.expand_path(Internal::StagesFolder::RUN, @dir) if @dir
        [zendesk, ({ file: } if file && File.file?(file))].compact
      end
    end
    private_constant :RunReport
  end
end
