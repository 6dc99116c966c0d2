# frozen_string_literal: true

require_relative "../budgets"
require_relative "../database"
require_relative "../issue"
require_relative "../ledger"
require_relative "../outbox"
require_relative "../plan"
require_relative "../presentable"
require_relative "../run"
require_relative "../source_check"
require_relative "../state"
require_relative "change"
require_relative "costs"
require_relative "decision"
require_relative "extent"
require_relative "keeping"
require_relative "memory"
require_relative "numbers"
require_relative "past_values"
require_relative "reading"
require_relative "schema"
require_relative "schema_check"
require_relative "sources"
require_relative "undoing"
require_relative "writer"

module CrmSync
  module Contacts
    # Makes plans: has both sides read, hands the rules to the core, and turns its numbers back into values.
    # @api private
    class Planner
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
        SchemaCheck.new(@schema).run
        @memory = Memory.new(@declaration, @org_host)
        check_outbox
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
        writer = Writer.new(@schema, @org, @host, history:, remember: -> {})
        Plan.new(sync: @sync, writer:, keeping:, history:, **braked(changes:, **header.parts))
      end

      # @param run_id [Integer] the run that is undone
      # @return [Undoing]
      def undoing(run_id)
        Undoing.new(@schema, History.of(@sync.name, past_values, undoes: run_id))
      end

      # @return [CrmSync::History, CrmSync::History::Absent]
      def history
        @history ||= History.of(@sync.name, past_values)
      end

      # @return [PastValues]
      def past_values
        @past_values ||= PastValues.new(@schema)
      end

      # @return [Keeping]
      def keeping
        @keeping ||= Keeping.new(@schema, @org_host)
      end

      # @return [String]
      def explain(key)
        key = @schema.type(@schema.model.primary_key).cast(key)
        story, plan = decide(keep: false) do |session, numbers, rules|
          [session.explain(key, rules, @host), build(session, numbers, session.decide(rules, @host), nil)]
        end
        lines = story || ["was not read: not linked, may not be linked, and in no scope of leads or sweep"]
        planned = plan.changes.select { |change| change.key == key }.map { |change| "planned: #{change}" }
        ["user #{key}", *(lines + planned + history.story(key)).map { |line| "  #{line}" }].join("\n")
      end

      private

      def decide(keep:)
        @started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
        @extent = Extent.new(@declaration, @org_host, full: @full, keep:)
        Reading.new(@schema, @org, @host, @extent).open do |session|
          numbers = Numbers.new(@schema)
          yield session, numbers, numbers.rules(session, @memory.missing_before(full: @extent.full?))
        end
      end

      def build(session, numbers, result, only)
        decision = Decision.new(@schema, numbers, result)
        changes = only ? decision.changes_of(only.pluck(@schema.model.primary_key)) : decision.changes
        check = check(session)
        read = @extent.read(session.accounts)
        read.report(@log)
        Plan.new(
          sync: @sync, **braked(changes:, issues: decision.issues, ledger: decision.ledger(changes, read)), read:,
          budgets: Budgets.new(@sync.name, result[:could_suffer]), source_check: check,
          writer: writer(check, result[:missing_contacts]), keeping:, history:,
          seconds: Process.clock_gettime(Process::CLOCK_MONOTONIC) - @started
        )
      end

      def check(session)
        SourceCheck.new(Sources.of(@declaration, session.facts), @memory.sources)
      end

      def writer(check, missing_contacts)
        full = @extent.full?
        Writer.new(@schema, @org, @host, history:, remember: -> { @memory.keep(check, missing_contacts, full:) })
      end

      def braked(changes:, issues:, ledger:, **parts)
        costs = Costs.new(@schema)
        braking = history.braking(changes) { |change, columns| costs.without(change, columns) }
        { **parts, changes: braking.changes, issues: issues + braking.issues, ledger: braking.books(ledger) }
      end

      def check_outbox
        return if @declaration.write_backs.empty? || Outbox.installed?(@schema.model)

        line = @declaration.write_backs.first.line
        raise ConfigurationError, "#{line}: write_back needs the table #{Outbox::TABLE}; " \
                                  "run: rails generate crm_sync:install && rails db:migrate"
      end
    end
  end
end
