# frozen_string_literal: true

CrmSync.const_get(:Running) # defines what both syncs build on

require_relative "organizations/declare/dsl"

module CrmSync
  # Base class of the syncs of Salesforce Accounts to Zendesk organizations. A subclass contains only declarations (see
  # {Organizations::Dsl}), no loops, and does not need Rails.
  #
  # The four stages of a sync run in one call, or one by one, as separate processes, over a folder of JSON files.
  #
  # @example
  #   class PartnerSync < CrmSync::OrganizationSync
  #     accounts "Account", key: "Id", also: %w[Type], where: "Type = 'Partner'"
  #     organizations key: :salesforce_id, managed: { account_type: %w[partner] }
  #     attribute :name, from: "Name"
  #     field :salesforce_id, from: "Id"
  #     field :account_type, first_of: { { "Type" => "Partner" } => "partner" }
  #     mark :mark_for_deletion
  #   end
  #
  #   PartnerSync.call
  class OrganizationSync
    extend Organizations::Dsl
    extend Running
    Words.guard_sync(self, Dsl, Organizations::Dsl)

    class << self
      # Reads both sides, compares them, and returns a plan; writes nothing to Zendesk.
      #
      # @return [CrmSync::Plan]
      # @raise [CrmSync::ConfigurationError, CrmSync::MappingError] when a setting or the declaration is invalid
      # @raise [CrmSync::RemoteError] when one side could not be read completely
      # @example
      #   puts PartnerSync.plan
      def plan
        Database.protect(declaration.home) { planner.plan }
      end

      # Plans and applies. If another run of this sync is in progress, nothing is done, and the status is +:skipped+.
      #
      # @param allow_error_email [Boolean] whether problems may be reported (see {Dsl#report_problems})
      # @param allow [Hash{Symbol => Integer}] the budgets and sources whose limits are raised for this run, as a held
      #   or blocked run proposes it
      # @return [CrmSync::Run]
      # @raise (see .plan)
      # @raise [ArgumentError] when +allow+ has a name that is neither a budget nor a source
      # @raise [CrmSync::Locked] when the run lost its lock before it was finished
      # @example
      #   PartnerSync.call.status # => :applied
      def call(allow_error_email: false, allow: {})
        AllowCheck.run(allow, declaration.allowed_names)
        watched_run do
          planner = self.planner
          run_logged(allow_error_email, planner.lock) { recorded(planner) { planner.plan }.carry_out(allow) }
        end
      end

      # Explains why an organization is as it is, and what is planned for it.
      #
      # @param account_or_organization [String, Integer] the id of the account or of the organization, or the name of
      #   either
      # @return [String] a few lines for each record that matches, or the statement that there is none
      # @raise (see .plan)
      # @raise [ArgumentError] when the argument is neither an id nor a name
      # @example
      #   puts PartnerSync.explain("0014M00001sDiGEQA0")
      def explain(account_or_organization)
        Database.protect(declaration.home) { planner.explain(account_or_organization) }
      end

      # Runs the first stage: reads the accounts into +salesforce_accounts.json+.
      #
      # @param dir [String, Pathname] the folder that all stages share
      # @return [Integer] the number of accounts
      # @raise [CrmSync::ConfigurationError, CrmSync::MappingError] when a setting or the declaration is invalid
      # @raise [CrmSync::RemoteError] when the records could not be read completely; the file stays as it was
      # @raise [CrmSync::FileError] when the file cannot be written
      # @example
      #   PartnerSync.gather_accounts(dir: "data")
      def gather_accounts(dir:)
        watched { stages(dir).gather_accounts }
      end

      # Runs the second stage: reads all organizations into +zendesk_orgs.json+, and those of further instances that the
      # declaration gathers into files of their own, such as +zendesk_orgs_usgov.json+. The first two stages can run
      # side by side.
      #
      # @param dir (see .gather_accounts)
      # @return [Hash{Symbol => Integer}] the number of organizations, by instance
      # @raise (see .gather_accounts)
      # @example
      #   PartnerSync.gather_organizations(dir: "data") # => { default: 12_345 }
      def gather_organizations(dir:)
        watched { stages(dir).gather_organizations }
      end

      # Runs the third stage: compares the gathered records, and writes +creates.json+, +updates.json+,
      # +not_in_sync.json+ and +plan.json+.
      #
      # @param dir (see .gather_accounts)
      # @return [CrmSync::Plan]
      # @raise [CrmSync::MappingError] when the declaration does not fit the instance's fields
      # @raise [CrmSync::FileError] when a file is missing or incomplete; the message says which stage to run
      # @example
      #   puts PartnerSync.compare(dir: "data")
      def compare(dir:)
        watched { stages(dir).compare }
      end

      # Runs the fourth stage: writes the changes whose premises still hold to Zendesk, and the results to +run.json+.
      #
      # @param dir (see .gather_accounts)
      # @param allow_error_email (see .call)
      # @param allow (see .call)
      # @param max_age [Numeric, nil] the maximum age of the plan, in seconds; nil stands for a day
      # @return [CrmSync::Run]
      # @raise (see .gather_accounts)
      # @raise [CrmSync::StalePlan] when the plan is too old, belongs to another sync, org or instance, was modified, or
      #   writes a value that the declaration does not write; the message says which
      # @raise [ArgumentError] when +allow+ has a name that is neither a budget nor a source
      # @raise [CrmSync::Locked] when the run lost its lock before it was finished
      # @example
      #   PartnerSync.apply(dir: "data", allow: { mark: 20 }).status # => :applied
      def apply(dir:, allow_error_email: false, allow: {}, max_age: nil)
        AllowCheck.run(allow, declaration.allowed_names)
        watched_run do
          stages = self.stages(dir)
          run_logged(allow_error_email, stages.lock) { stages.apply(allow:, max_age:) }
        end
      end
    end

    Confidential.cover
  end
end
