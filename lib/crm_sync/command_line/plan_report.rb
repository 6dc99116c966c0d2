# frozen_string_literal: true

module CrmSync
  module CommandLine
    # Reports a plan. Its status is the one that applying the plan would have; +:planned+ stands for changes that would
    # be written.
    class PlanReport
      # @param plan [CrmSync::Plan]
      # @param dir [String, nil] the folder in which the plan was stored
      def initialize(plan, dir = nil)
        @plan = plan
        @dir = dir
      end

      # @return [Symbol]
      def status
        return :blocked if @plan.blocked?
        return :held if @plan.refusals.any?

        @plan.empty? ? :unchanged : :planned
      end

      # @return [Hash{Symbol => Object}] for JSON
      def to_h
        { status:, summary: @plan.summary, changes: @plan.changes.map(&:to_h), refusals: @plan.refusals.map(&:as_json),
          errors: [], issues: @plan.issues.map(&:to_h), ledger: @plan.ledger.to_h,
          written: files.map { |file| { file: } } }
      end

      # @return [String] for people
      def to_s
        @plan.to_s
      end

      # @return [Array<Array(Symbol, String)>] the lines that +--quiet+ prints to stderr, each with its level
      def unsaid
        @plan.refusals.map { |refusal| [:error, refusal.to_s] }
      end

      private

      def files
        return [] unless @dir

        [*Internal::StagesFolder::LISTS, Internal::StagesFolder::PLAN].map { |name| File.expand_path(name, @dir) }
      end
    end
    private_constant :PlanReport
  end
end
