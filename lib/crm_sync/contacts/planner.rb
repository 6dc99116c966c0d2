# frozen_string_literal: true

require_relative "../budgets"
require_relative "../change"
require_relative "../database"
require_relative "../issue"
require_relative "../ledger"
require_relative "../outbox"
require_relative "../plan"
require_relative "../presentable"
require_relative "../run"
require_relative "../source_check"
require_relative "../state"
require_relative "decision"
require_relative "memory"
require_relative "numbers"
require_relative "reading"
require_relative "schema"
require_relative "schema_check"
require_relative "sources"
require_relative "writer"

module CrmSync
  module Contacts
    # Makes plans: has both sides read, hands the rules to the core, and turns its numbers back into values.
    # @api private
    class Planner
      def initialize(sync)
        @sync = sync
        @declaration = sync.declaration.complete!
        @log = Log.new(sync.name)
        settings = Salesforce.settings(@declaration.org)
        @org = settings.native
        @host = Salesforce::Host.new(@log, settings.sessions)
        @schema = Schema.new(@declaration)
        SchemaCheck.new(@schema).run
        @memory = Memory.new(@declaration, settings.host)
        check_outbox
      end

      # @return [CrmSync::Plan]
      def plan(only: nil)
        decide { |session, numbers, rules| build(session, numbers, session.decide(rules, @host), only) }
      end

      # @return [String]
      def explain(key)
        key = @schema.type(@schema.model.primary_key).cast(key)
        story, plan = decide do |session, numbers, rules|
          [session.explain(key, rules, @host), build(session, numbers, session.decide(rules, @host), nil)]
        end
        lines = story || ["was not read: not linked, may not be linked, and in no scope of leads or sweep"]
        planned = plan.changes.select { |change| change.key == key }.map { |change| "planned: #{change}" }
        ["user #{key}", *(lines + planned).map { |line| "  #{line}" }].join("\n")
      end

      private

      def decide
        @started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
        Reading.new(@schema, @org, @host).open do |session|
          numbers = Numbers.new(@schema)
          yield session, numbers, numbers.rules(session, @memory.missing_before)
        end
      end

      def build(session, numbers, result, only)
        decision = Decision.new(@schema, numbers, result)
        changes = only ? decision.changes_of(only.pluck(@schema.model.primary_key)) : decision.changes
        check = SourceCheck.new(Sources.of(@declaration, session.facts), @memory.sources)
        Plan.new(
          sync: @sync, changes:, issues: decision.issues, ledger: decision.ledger(changes),
          budgets: Budgets.new(@sync.name, result[:could_suffer]), source_check: check,
          writer: Writer.new(@schema, @org, @host, remember: -> { @memory.keep(check, result[:missing_contacts]) }),
          seconds: Process.clock_gettime(Process::CLOCK_MONOTONIC) - @started
        )
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
