# frozen_string_literal: true

require_relative "folder"
require_relative "stored_plan"

module CrmSync
  module Organizations
    # Runs each of the four stages by itself, over a folder of files.
    class Stages
      # @param sync [Class]
      # @param dir [String, Pathname]
      def initialize(sync, dir)
        @planner = Planner.new(sync)
        @sync = sync
        @declaration = sync.declaration
        @folder = Internal::StagesFolder.new(dir)
      end

      # @return [CrmSync::Lock]
      def lock
        @planner.lock
      end

      # @return [Integer] the number of accounts
      def gather_accounts
        at = now
        rows, sha256 = @planner.gathering.accounts_into(@folder.accounts)
        host = Salesforce.settings(@declaration.org).host
        facts = { "host" => host, "rows" => rows, "at" => at, "sha256" => sha256 }
        @folder.write_gathered(Internal::StagesFolder::GATHERED_ACCOUNTS, facts)
        rows
      end

      # @return [Hash{Symbol => Integer}] the number of organizations, by instance
      def gather_organizations
        at = now
        instance = @declaration.instance
        files = instance.gather.to_h { |name| [name, gather(name, written: name == instance.name)] }
        rows, sha256 = files.fetch(instance.name)
        facts = { "host" => Zendesk.settings(instance.name).host, "rows" => rows, "at" => at,
                  "organization_fields" => @planner.definitions, "sha256" => sha256 }
        @folder.write_gathered(Internal::StagesFolder::GATHERED_ORGANIZATIONS, facts)
        files.transform_values(&:first)
      end

      # @return [CrmSync::Plan]
      def compare
        accounts = @folder.gathered_accounts
        organizations = @folder.gathered_organizations
        sources = { "accounts" => accounts, "organizations" => organizations.except("organization_fields") }
        read_at = Time.iso8601(sources.values.map { |gathered| gathered.fetch("at") }.min)
        sha256 = sources.values.map { |gathered| gathered["sha256"].to_s }
        plan = @planner.plan_from(@folder, organizations.fetch("organization_fields"), sha256:, read_at:)
        check_whole(sources, plan)
        StoredPlan.new(@sync, @folder).write(plan, @planner, sources)
        plan
      end

      # @return [CrmSync::Run]
      def apply(allow:, max_age:)
        # Deletes the result of an earlier run, so that nobody takes it for this run's.
        @folder.delete(Internal::StagesFolder::RUN)
        kept = StoredPlan.new(@sync, @folder)
        run = kept.plan(@planner, max_age).apply(allow:)
        kept.write_run(run)
        run
      end

      private

      def gather(instance, written:)
        path = written ? @folder.organizations : @folder.organizations(instance)
        @planner.gathering.organizations_into(instance, path)
      end

      # Checks that no records are missing: files that were cut by hand can still be complete JSON.
      def check_whole(sources, plan)
        sources.each do |name, gathered|
          rows = plan.ledger[name.to_sym].rows
          next if rows == gathered["rows"]

          problem = "#{@folder.path}: #{rows} #{name} are there, and #{gathered["rows"]} were gathered"
          raise FileError.new(problem, stage: :"gather_#{name}")
        end
      end

      def now
        Time.now.utc.iso8601(6)
      end
    end
    private_constant :Stages
  end
end
