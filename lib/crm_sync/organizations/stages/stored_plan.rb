# frozen_string_literal: true

require "json"
require_relative "../../plan/header"
require_relative "../../plan/signature"

module CrmSync
  module Organizations
    # A plan in the folder of the stages: the lists of changes, and in +plan.json+ the facts that they are based on.
    class StoredPlan
      # @param sync [Class]
      # @param folder [CrmSync::Internal::StagesFolder]
      def initialize(sync, folder)
        @sync = sync
        @folder = folder
      end

      # Keeps the part of the plan that is not in the lists.
      # @param plan [CrmSync::Plan]
      # @param planner [CrmSync::Organizations::Planner]
      # @param sources [Hash] the time and place from which both sides came
      def write(plan, planner, sources)
        origin = planner.codec.origin.merge("Salesforce org" => sources.dig("accounts", "host"),
                                            "Zendesk instance" => sources.dig("organizations", "host"))
        since = sources.values.map { |source| source.fetch("at") }.min
        header = { **PlanHeader.of(plan, origin, since:), "sources" => sources }
        @folder.write(Internal::StagesFolder::PLAN, header.merge("seal" => Signature.of(JSON.generate(header))))
      end

      # @param planner [CrmSync::Organizations::Planner]
      # @param max_age [Numeric, nil] in seconds
      # @return [CrmSync::Plan]
      # @raise [CrmSync::StalePlan] when the plan is another sync's or instance's, too old, not as it was planned, or
      #   writes something that the declaration of today does not
      def plan(planner, max_age)
        kept = @folder.read(Internal::StagesFolder::PLAN, :compare)
        stale("it is no plan") unless kept.is_a?(Hash) && kept["seal"].is_a?(Hash)
        problem = Signature.problem(JSON.generate(kept.except("seal")), kept["seal"])
        stale(problem) if problem
        planner.restore(PlanHeader.new(kept, method(:stale)), @folder.changes, max_age:, remember: true)
      end

      # Keeps the results of a run, for people and for machines.
      # @param run [CrmSync::Run]
      def write_run(run)
        facts = { "sync" => @sync.name, "finished_at" => Time.now.utc.iso8601, "summary" => run.summary,
                  "ledger" => run.ledger.to_h, "problems" => run.problems }
        @folder.write(Internal::StagesFolder::RUN, facts)
      end

      private

      def stale(why)
        raise StalePlan, "#{@folder.path}: the plan cannot be applied: #{why}; run compare again", cause: nil
      end
    end
    private_constant :StoredPlan
  end
end
