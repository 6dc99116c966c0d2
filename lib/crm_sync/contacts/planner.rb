# frozen_string_literal: true

require_relative "../budgets"
require_relative "../database"
require_relative "../issue"
require_relative "../ledger"
require_relative "../lock"
require_relative "../outbox"
require_relative "../plan"
require_relative "../presentable"
require_relative "../run"
require_relative "../source_check"
require_relative "../spending_book"
require_relative "../state"
require_relative "change"
require_relative "costs"
require_relative "decision"
require_relative "extent"
require_relative "hidden_holders"
require_relative "keeping"
require_relative "memory"
require_relative "numbers"
require_relative "outbox_check"
require_relative "past_values"
require_relative "reading"
require_relative "schema"
require_relative "schema_check"
require_relative "set_check"
require_relative "sources"
require_relative "undoing"
require_relative "watch"
require_relative "writer"

module CrmSync
  module Contacts
    # Makes plans: has both sides read, hands the rules to the core, and turns its numbers back into values.
    # @api private
    class Planner
      include History::Planning

      # @return [CrmSync::Lock] which keeps two runs of the sync apart
      attr_reader :lock

      # @param sync [Class]
      # @param full [Boolean] whether everything is read in any case
      def initialize(sync, full: false)
        @sync = sync
        @full = full
        @declaration = sync.declaration.complete!
        @log = Log.new(sync.name)
        settings = Salesforce.settings(@declaration.org)
        @org_host = settings.host
        @org = settings.native
        @host = Host.new(@log, settings.sessions)
        @schema = Schema.new(@declaration)
        [SchemaCheck, SetCheck, OutboxCheck].each { |check| check.new(@schema).run }
        @memory = Memory.new(@declaration, @org_host)
        @lock = Lock.for(sync.name, @schema.model)
      end

      # @return [CrmSync::Plan]
      def plan(only: nil)
        # Only a run for everybody can apply everything, after which the next one may build on what this one read.
        decide(keep: only.nil?) do |session, numbers, rules|
          build(session, numbers, session.decide(rules, @host), only)
        end
      end

      # @param header [CrmSync::PlanHeader] of a plan that was kept
      # @param rows [Array<Hash>] its changes
      # @param max_age [Numeric, nil] in seconds
      # @return [CrmSync::Plan] that can be applied
      # @raise [CrmSync::StalePlan]
      def restore(header, rows, max_age:)
        header.check(@sync.name, keeping.origin, max_age)
        changes = rows.map { |row| keeping.load(row, header.stale) }
        header.check_changes(changes)
        # What was read then is not what the next run will build upon.
        writer = Writer.new(@schema, @org, @host, history:, lock:, remember: -> {})
        Plan.new(sync: @sync, writer:, keeping:, history:, lock:,
                 **braked(changes:, **header.parts(@declaration, spending, @memory.sources)))
      end

      # @param run_id [Integer] the run that is undone
      # @return [Undoing]
      def undoing(run_id)
        Undoing.new(@schema, History.of(@sync.name, past_values, undoes: run_id), lock)
      end

      # @return [CrmSync::SpendingBook] what was spent of the budgets
      def spending
        @memory.spending
      end

      # @return [PastValues]
      def past_values
        @past_values ||= PastValues.new(@schema)
      end

      # @return [Keeping]
      def keeping
        @keeping ||= Keeping.new(@schema, @org_host)
      end

      # @return [CrmSync::Contacts::Watch] who is changed from now on
      def watch
        Watch.new(@schema)
      end

      # @return [String]
      def explain(key)
        key = @schema.type(@schema.model.primary_key).cast(key)
        story, plan = decide(keep: false) do |session, numbers, rules|
          [session.explain(key, rules, @host), build(session, numbers, session.decide(rules, @host), nil)]
        end
        lines = story || ["was not read: not linked, may not be linked, and in no scope of leads or sweep"]
        lines += HiddenHolders.story(plan, key)
        planned = plan.changes.select { |change| change.key == key }.map { |change| "planned: #{change}" }
        ["user #{key}", *(lines + planned + history.story(key)).map { |line| "  #{line}" }].join("\n")
      end

      private

      def decide(keep:)
        @started = clock
        @extent = Extent.new(@declaration, @org_host, full: @full, keep:)
        Reading.new(@schema, @org, @host, @extent).open do |session|
          @lock.renew
          numbers = Numbers.new(@schema)
          yield session, numbers, numbers.rules(session, @memory.missing_before(full: @extent.full?))
        end
      end

      def build(session, numbers, result, only)
        decision = Decision.new(@schema, numbers, result)
        check = source_check(session, decision)
        read = @extent.read(session.accounts)
        read.report(@log)
        Plan.new(
          sync: @sync, **braked(**parts(decision, only, check, read)), read:, keeping:, history:,
          budgets: Budgets.new(@declaration, decision.could_suffer, spending), source_check: check, lock:,
          writer: writer(check, result[:missing_contacts]), seconds: clock - @started, whole: only.nil?
        )
      end

      # Changes, issues and ledger.
      def parts(decision, only, check, read)
        hidden = HiddenHolders.new(@schema, decision.changes_of(only))
        changes = hidden.changes
        { changes:, issues: issues(decision) + hidden.issues + check.drift,
          ledger: hidden.books(decision.ledger(changes, read)) }
      end

      def clock
        Process.clock_gettime(Process::CLOCK_MONOTONIC)
      end

      def issues(decision)
        return decision.issues unless Outbox.installed?(@schema.model)

        decision.issues + Outbox.new(@declaration, @host).issues
      end

      def source_check(session, decision)
        SourceCheck.new(Sources.of(@declaration, session.facts, decision), @memory.sources)
      end

      def writer(check, missing)
        read = { full: @extent.full?, read_at: @extent.began_at }
        Writer.new(@schema, @org, @host, lock:, history:, remember: -> { @memory.keep(check, missing, **read) })
      end

      def without(change, columns)
        Costs.new(@schema).without(change, columns)
      end
    end
  end
end
