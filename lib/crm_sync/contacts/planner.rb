# frozen_string_literal: true

require_relative "../issue"
require_relative "../ledger"
require_relative "../notices/presentable"
require_relative "../plan"
require_relative "../plan/spending_book"
require_relative "../sync/planner"
require_relative "../run"
require_relative "../store/database"
require_relative "../store/outbox/outbox"
require_relative "../store/state"
require_relative "change"
require_relative "decide/answered"
require_relative "decide/decision"
require_relative "decide/explaining"
require_relative "decide/unreadable_columns"
require_relative "declare/host_check"
require_relative "keep/memory"
require_relative "keep/past_values"
require_relative "keep/plan_codec"
require_relative "read/extent"
require_relative "read/hidden_holders"
require_relative "read/neighborhood"
require_relative "read/numbers"
require_relative "read/populations"
require_relative "read/reading"
require_relative "read/sources"
require_relative "read/unreadable"
require_relative "schema"
require_relative "write/undoing"
require_relative "write/watch"
require_relative "write/writer"

module CrmSync
  module Contacts
    # Builds plans: it reads both sides, has the core decide, and converts the numbers of the decision back to values.
    class Planner < Internal::Planner
      include Explaining

      # @param sync [Class]
      # @param full [Boolean] whether everything is read even if the declaration says +incremental+
      def initialize(sync, full: false)
        super(sync)
        @full = full
        # The declaration is checked first, so that it can be completed before there are credentials.
        @schema = Schema.new(@declaration)
        HostCheck.run(@schema)
        settings = Salesforce.settings(@declaration.org)
        @org_host = settings.host
        @org = settings.native
        @host = Host.new(@log, settings.sessions)
        @memory = Memory.new(@declaration, @org_host)
        @lock = Lock.for(kept_as, @schema.model)
      end

      # @return [CrmSync::Plan]
      def plan(only: nil)
        check_only(only)
        # The rows are kept only for a plan for everybody: only its run can apply all changes, so only then may the next
        # run build on these rows.
        decide(reading(keep: only.nil?)) do |session, numbers, rules|
          build(session, numbers, session.decide(rules, @host), only&.pluck(@schema.model.primary_key))
        end
      end

      # @param header [CrmSync::PlanHeader] the header of a stored plan
      # @param rows [Enumerable<Hash>] the stored changes
      # @param max_age [Numeric, nil] the maximum age of the plan, in seconds
      # @return [CrmSync::Plan] a plan that can be applied
      # @raise [CrmSync::StalePlan] when the plan can no longer be applied
      def restore(header, rows, max_age:)
        restored(header, rows, max_age) do
          # The writer remembers nothing, so that the next run does not build on data that was read when the plan was
          # made.
          { writer: Writer.new(@schema, @org, @host, history:, lock:),
            budgets: budgets(Populations.new(@schema)) }
        end
      end

      # @param run_id [Integer] the id of the run that is undone
      # @return [Undoing]
      def undoing(run_id)
        Undoing.new(@schema, SyncHistory.of(kept_as, past_values, org: org_host, undoes: run_id), lock)
      end

      # @param key [Object] the primary key of a record
      # @return [Array<Symbol>] the columns that are no longer left alone
      # @raise [ArgumentError] when there is neither such a record nor such a column
      def thaw(key)
        refused = Answers.new(@schema).forget(key)
        thawed = refused.any? && history.is_a?(SyncHistory::NotInstalled) ? refused : (refused | super)
        thawed.tap { refuse_unknown(key) if thawed.empty? }
      end

      # @return [PastValues]
      def past_values
        @past_values ||= PastValues.new(@schema)
      end

      # @return [PlanCodec]
      def codec
        @codec ||= PlanCodec.new(@schema, @org_host, partition)
      end

      # @return [CrmSync::Contacts::Watch] a watch for the records that others change from now on
      def watch
        Watch.new(@schema)
      end

      private

      attr_reader :org_host, :memory

      # @param reading [Reading, Neighborhood]
      def decide(reading)
        @started = clock
        reading.open do |session|
          @lock.renew
          @extent = reading.extent
          sees_all = sees_all(session)
          Database.for(@schema.connection).limited do
            numbers = Numbers.new(@schema)
            missing = memory.missing_before(full: @extent.full?)
            yield session, numbers, numbers.rules(session, missing, sees_all)
          end
        end
      end

      def reading(keep:, everybody: false)
        extent = Extent.new(@declaration, @org_host, full: @full, keep:)
        Reading.new(@schema, @org, @host, extent, everybody:)
      end

      def neighborhood(keys, everybody: false)
        Neighborhood.new(@schema, @org, @host, keys:, everybody:)
      end

      # Queries the permission only if a contact was not returned and nothing else tells what became of it.
      def sees_all(session)
        Internal::Sight.new(@declaration.org).sees_all if session.unseen_contacts.positive?
      end

      # @param only [Array<Object>, nil] the primary keys of the records whose changes are wanted; nil for everybody
      def build(session, numbers, result, only)
        decision = Decision.new(@schema, numbers, result)
        facts = session.facts
        check = source_check(facts, session.lead_statuses.flatten(1), decision)
        read = @extent.read(session.accounts).tap { |found| found.report(@log) }
        planned(filtered(**parts(decision, only, check, read, facts[:unreadable])),
                read:, source_check: check, budgets: budgets(could_suffer(decision)),
                writer: writer(check, result[:missing_contacts]), seconds: clock - @started, whole: only.nil?)
      end

      # Returns changes, issues and ledger.
      def parts(decision, only, check, read, texts)
        hidden = HiddenHolders.new(@schema, decision.changes_of(only))
        unreadable = UnreadableColumns.new(decision, hidden.changes)
        answered = Answered.new(@schema, unreadable.changes)
        issues = [issues(decision), HostCheck.issues(@schema), Unreadable.issues(texts), hidden.issues,
                  unreadable.issues, answered.issues, memory.drift(check)]
        ledger = answered.books(unreadable.books(hidden.books(decision.ledger(hidden.changes, read))))
        { changes: answered.changes, issues: issues.flatten, ledger: }
      end

      # Returns the populations of the budgets. The core counts them if it has read all users; otherwise the database
      # does.
      def could_suffer(decision) = decision.could_suffer || Populations.new(@schema)

      def issues(decision)
        return decision.issues unless Outbox.installed?(@schema.model)

        decision.issues + Outbox.new(@declaration, @host).issues
      end

      def source_check(facts, statuses, decision)
        last = memory.sources
        sources = Sources.of(@schema, facts, decision, statuses, last)
        check(sources, last, uncounted: [Sources::USERS] - sources.map { |source| source.name.to_s })
      end

      def writer(check, missing)
        remember = memory.keeping(check, missing, full: @extent.full?, read_at: @extent.began_at)
        Writer.new(@schema, @org, @host, lock:, history:, remember:)
      end

      def without(change, columns) = change.without(columns)
    end
    private_constant :Planner
  end
end
