# frozen_string_literal: true

require_relative "folder"
require_relative "stored_plan"

module CrmSync
  module Organizations
    # The four stages, each by itself, over a folder of files.
    # @api private
    class Stages
      # @param sync [Class]
      # @param dir [String, Pathname]
      def initialize(sync, dir)
        @planner = Planner.new(sync)
        @sync = sync
        @declaration = sync.declaration
        @folder = Folder.new(dir)
      end

      # @return [CrmSync::Lock]
      def lock
        @planner.lock
      end

      # @return [Integer] how many accounts there are
      def gather_accounts
        at = now
        count = @planner.gathering.accounts_into(@folder.accounts)
        host = Salesforce.settings(@declaration.org).host
        facts = { "host" => host, "rows" => count, "at" => at }
        @folder.write_gathered(Folder::GATHERED_ACCOUNTS, Folder::ACCOUNTS, facts)
        count
      end

      # @return [Hash{Symbol => Integer}] how many organizations there are, by instance
      def gather_organizations
        at = now
        instance = @declaration.instance
        counts = instance.gather.to_h { |name| [name, gather(name, written: name == instance.name)] }
        host = Zendesk.settings(instance.name).host
        facts = { "host" => host, "rows" => counts[instance.name], "at" => at,
                  "organization_fields" => @planner.definitions }
        @folder.write_gathered(Folder::GATHERED_ORGANIZATIONS, Folder::ORGANIZATIONS, facts)
        counts
      end

      # @return [CrmSync::Plan]
      def compare
        sources = { "accounts" => @folder.gathered_accounts,
                    "organizations" => @folder.gathered_organizations.except("organization_fields") }
        read_at = Time.iso8601(sources.values.map { |gathered| gathered.fetch("at") }.min)
        plan = @planner.plan_from(@folder, read_at:)
        check_whole(sources, plan)
        StoredPlan.new(@sync, @folder).write(plan, @planner, sources)
        plan
      end

      # @return [CrmSync::Run]
      def apply(allow:, max_age:)
        # Whoever looks at it later must not take an earlier run's for this one's.
        @folder.delete(Folder::RUN)
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

      # Files that were cut by hand are whole as JSON.
      def check_whole(sources, plan)
        sources.each do |name, gathered|
          rows = plan.ledger[name.to_sym].rows
          next if rows == gathered["rows"]

          raise FileError, "#{@folder.path}: #{rows} #{name} are there, and #{gathered["rows"]} were gathered; " \
                           "run gather_#{name} again"
        end
      end

      def now
        Time.now.utc.iso8601(6)
      end
    end
  end
end
