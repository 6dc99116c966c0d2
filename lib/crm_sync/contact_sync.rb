# frozen_string_literal: true

# Active Record is optional here: without it, a contact sync raises an error when it is used.
begin
  require "active_record"
rescue LoadError => e
  raise unless e.path == "active_record"
end

CrmSync.const_get(:Running) # loads the code that both syncs share

require_relative "contacts/declare/dsl"

module CrmSync
  # Represents a sync of Salesforce Contacts and Leads to the app's users. A subclass declares the sync with the words
  # of {Contacts::Dsl}; it has no loops of its own.
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
      # Reads both sides and returns a plan of the changes that a run would make. Writes nothing.
      #
      # @param only [ActiveRecord::Base, ActiveRecord::Relation, Symbol] limits the plan, unless it is +:everybody+.
      #   With a record, only the data that can affect this record is read, in a few requests. With a relation,
      #   everything is read and decided, and the plan has only the changes of the records in the relation
      # @param full [Boolean] whether everything is read even if the declaration says +incremental+
      # @return [CrmSync::Plan]
      # @raise [CrmSync::ConfigurationError, CrmSync::MappingError] when the settings or the declaration are invalid
      # @raise [CrmSync::RemoteError] when Salesforce could not be read completely
      # @raise [CrmSync::NeedsFullRun] when too many users and contacts affect the record given in +only+
      # @raise [ArgumentError] when +only+ is neither a record of the model nor a relation of such records; so a +nil+,
      #   of a search that has found nobody, does not read and change everybody
      # @example
      #   puts UpdateUserSalesforceInfo.plan
      def plan(only: :everybody, full: false)
        only = limit(only)
        Database.protect(declaration.home) { planner_of(only, full).plan(only:) }
      end

      # Plans and applies the changes, unless another run of this sync is under way; then the returned run has the
      # status +:skipped+.
      #
      # With a record in +only+, as for a sign-up or at a support desk, the call does not wait for another run, and no
      # run is skipped because of it. The decision about the record is the one that a run for everybody would make. Such
      # a call checks no sources, does not count contacts that were not returned as missing, and publishes no events. If
      # somebody else is sending write-backs of the sync, the call waits for up to a second. Then it leaves its own to
      # the next run, and says so in the log.
      #
      # @param allow_error_email [Boolean] whether problems may be reported (see {Contacts::Dsl#report_problems})
      # @param only (see .plan)
      # @param full (see .plan)
      # @param allow [Hash{Symbol => Integer}] by the name of a budget, the number of changes to let through; by the
      #   name of a source, the number of rows to accept; as the refusals of a held or blocked run propose them
      # @return [CrmSync::Run]
      # @raise (see .plan)
      # @raise [CrmSync::ConfigurationError] also behind a pooler in transaction mode, where a run for more than one
      #   record cannot keep its lock; and in a transaction of the app's that does not see what others commit meanwhile
      # @raise [ArgumentError] also when +allow+ has a name that is neither a budget nor a source
      # @raise [CrmSync::Locked] when the run lost its lock before it was finished
      # @example
      #   run = UpdateUserSalesforceInfo.call(only: User.find(7))
      #   run.status # => :applied
      def call(allow_error_email: false, only: :everybody, full: false, allow: {})
        AllowCheck.run(allow, declaration.allowed_names)
        only = limit(only)
        send(person?(only) ? :watched : :watched_run) do
          planner = planner_of(only, full)
          run_logged(allow_error_email, planner.lock) do
            recorded(planner) { planner.plan(only:) }.carry_out(allow)
          end
        end
      end

      # Explains why a user has its present values, and what would change them.
      #
      # @param record_or_key [ActiveRecord::Base, Object] the record, its primary key, a value of a key such as an
      #   address, or the id of a contact or lead
      # @return [String] a few lines for each user that is found, or that none is found; no address is shown in full
      # @raise [CrmSync::ConfigurationError, CrmSync::MappingError] when the settings or the declaration are invalid
      # @raise [CrmSync::RemoteError] when Salesforce could not be read completely
      # @raise [ArgumentError] when the argument is none of these, such as a record of another model
      # @example
      #   puts UpdateUserSalesforceInfo.explain(User.find(7))
      def explain(record_or_key)
        Database.protect(declaration.home) { planner.explain(record_or_key) }
      end

      private

      # Returns the given limit; nil for everybody.
      def limit(only)
        raise ArgumentError, "only: is nil; give a record or a relation, or leave it out to sync everybody" if only.nil?

        only unless only.equal?(:everybody)
      end

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
