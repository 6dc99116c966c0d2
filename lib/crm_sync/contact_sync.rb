# frozen_string_literal: true

require_relative "contacts/declare/dsl"
require_relative "sync/running"

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
                     Contacts::Reads, Contacts::Writes)

    class << self
      # Reads both sides and decides; writes nothing.
      #
      # @param only [ActiveRecord::Relation, nil] the records whose changes are wanted; everybody is decided on all the
      #   same
      # @param full [Boolean] whether everything is read also where the declaration says +incremental+
      # @return [CrmSync::Plan]
      # @raise [CrmSync::ConfigurationError, CrmSync::MappingError] when settings or declaration cannot be right
      # @raise [CrmSync::RemoteError] when Salesforce could not be read whole
      # @example
      #   puts UpdateUserSalesforceInfo.plan
      def plan(only: nil, full: false)
        Database.protect(declaration.home) { planner(full:).plan(only:) }
      end

      # Plans and applies, unless another run of this sync is under way: then the run is +:skipped+.
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
      #   run = UpdateUserSalesforceInfo.call(only: User.where(id: 7))
      #   run.status # => :applied
      def call(allow_error_email: false, only: nil, full: false, allow: {})
        watched_run do
          planner = self.planner(full:)
          run_logged(allow_error_email, planner.lock) do
            recorded(planner) { planner.plan(only:) }.apply(allow:)
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
    end
  end
end
