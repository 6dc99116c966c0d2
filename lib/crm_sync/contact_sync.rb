# frozen_string_literal: true

# Where it is not there, a contact sync says so when it is used.
begin
  require "active_record"
rescue LoadError => e
  raise unless e.path == "active_record"
end

CrmSync.const_get(:Running) # comes with what both syncs stand on

require_relative "contacts/declare/dsl"

module CrmSync
  # A sync of Salesforce Contacts and Leads to the app's users. A subclass declares (see {Contacts::Dsl}); it holds no
  # loops.
  #
  # @example
  #   class UpdateUserSalesforceInfo < CrmSync::ContactSync
  #     contacts "Contact"
  #     model "User", foreign_key: :salesforce_contact_id
  #     match_by(:contact_infos, column: :value, to: "Email") { trust :verified }
  #     attribute :faculty_status, from: "Faculty_Verified__c",
  #               map: { "Confirmed" => :confirmed_faculty, nil => :no_faculty_info }
  #   end
  #
  #   UpdateUserSalesforceInfo.call
  class ContactSync
    extend Contacts::Dsl
    extend Running
    Words.guard_sync(self, Dsl, Contacts::Dsl, Contacts::FollowUps, Contacts::Guards, Contacts::Keys,
                     Contacts::Partitions, Contacts::Reads, Contacts::Writes)

    class << self
      # Reads both sides and decides; writes nothing.
      #
      # @param only [ActiveRecord::Base, ActiveRecord::Relation, nil] a record, for which only what can bear on it is
      #   read, in a few requests; or the records whose changes are wanted, where everybody is read and decided on
      # @param full [Boolean] whether everything is read also where the declaration says +incremental+
      # @return [CrmSync::Plan]
      # @raise [CrmSync::ConfigurationError, CrmSync::MappingError] when settings or declaration cannot be right
      # @raise [CrmSync::RemoteError] when Salesforce could not be read whole
      # @raise [CrmSync::NeedsFullRun] when too much bears on the record of +only+
      # @example
      #   puts UpdateUserSalesforceInfo.plan
      def plan(only: nil, full: false)
        Database.protect(declaration.home) { planner_of(only, full).plan(only:) }
      end

      # Plans and applies, unless another run of this sync is under way: then the run is +:skipped+.
      #
      # With a record in +only+ it waits for no run and skips none: for a sign-up, or somebody at the support desk. It
      # decides on that record as a run for everybody would. Sources are not checked, contacts that do not come are not
      # counted as missing, and there are no events. Write-backs that it cannot send beside a run are sent by that run.
      #
      # @param allow_error_email [Boolean] whether problems may be reported (see {Contacts::Dsl#report_problems})
      # @param only (see .plan)
      # @param full (see .plan)
      # @param allow [Hash{Symbol => Integer}] budgets and sources that may go further this time, as a held or blocked
      #   run proposes it
      # @return [CrmSync::Run]
      # @raise (see .plan)
      # @raise [CrmSync::Locked] when the run has lost its lock on the way
      # @example
      #   run = UpdateUserSalesforceInfo.call(only: User.find(7))
      #   run.status # => :applied
      def call(allow_error_email: false, only: nil, full: false, allow: {})
        send(person?(only) ? :watched : :watched_run) do
          planner = planner_of(only, full)
          run_logged(allow_error_email, planner.lock) do
            recorded(planner) { planner.plan(only:) }.carry_out(allow)
          end
        end
      end

      # Explains why a user is as it is, and what would change it.
      #
      # @param record_or_key [ActiveRecord::Base, Object] the record, its primary key, a value of a key, or the id
      #   of a contact or lead
      # @return [String] a few lines, of each user that is meant, or that there is none; no addresses in full
      # @raise (see .plan)
      # @raise [ArgumentError] when it is nothing of the kind, such as a record of another model
      # @example
      #   puts UpdateUserSalesforceInfo.explain(User.find(7))
      def explain(record_or_key)
        Database.protect(declaration.home) { planner.explain(record_or_key) }
      end

      private

      def planner_of(only, full)
        person?(only) ? person_planner : planner(full:)
      end

      def person?(only)
        defined?(ActiveRecord::Base) && only.is_a?(ActiveRecord::Base)
      end
    end

    Confidential.cover
  end
end
