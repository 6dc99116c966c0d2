# frozen_string_literal: true

require_relative "../budgets"
require_relative "../issue"
require_relative "../ledger"
require_relative "../plan"
require_relative "../presentable"
require_relative "../progress"
require_relative "../run"
require_relative "../source_check"
require_relative "../spending_book"
require_relative "../state"
require_relative "change"
require_relative "decision"
require_relative "fields"
require_relative "gathering"
require_relative "look_up"
require_relative "memory"
require_relative "rules"
require_relative "sources"
require_relative "whole_read"
require_relative "writer"

module CrmSync
  module Organizations
    # Makes plans: has both sides read and compared, and turns the answer into values.
    # @api private
    class Planner
      # @param sync [Class]
      def initialize(sync)
        @sync = sync
        @declaration = sync.declaration.complete!
        @log = Log.new(sync.name)
        @instance = @declaration.instance.name
      end

      # @return [CrmSync::Plan] from what both sides have now
      def plan
        started = clock
        rules = rules(definitions)
        build(gathering.tables(rules), rules, started) { |changes| LookUp.new(@declaration).stories(changes) }
      end

      # @param folder [CrmSync::Organizations::Folder] into which both sides were gathered
      # Speaks to nobody: also nothing is looked up.
      # @return [CrmSync::Plan] from what is in the files; the lists of changes are in the folder then
      def plan_from(folder)
        started = clock
        rules = rules(folder.definitions)
        tables = Native::OrganizationTables.read(folder.path, rules, host)
        plan = build(tables, rules, started) { {} }
        tables.write(folder.path, host)
        plan
      end

      # @param changes [Array<CrmSync::Change>] of a plan that was kept
      # @param kept [Hash] what else was kept of it
      # @return [CrmSync::Plan] that can be applied
      def again(changes, kept)
        check = SourceCheck.load(kept.fetch("source_check"))
        assemble(changes:, issues: kept[:issues], ledger: kept[:ledger], could_suffer: kept[:could_suffer], check:,
                 rules: rules(definitions), seconds: 0.0)
      end

      # @param account_or_organization [String, Integer]
      # @return [String]
      def explain(account_or_organization)
        rules = rules(definitions)
        account = account_or_organization.to_s unless account_or_organization.to_s.match?(/\A\d{1,14}\z/)
        story = gathering.tables(rules).explain(account, account ? 0 : account_or_organization.to_i, host)
        story = ["was not read: Salesforce has no such account here, and Zendesk no such organization"] if story.empty?
        what = account ? "account" : "organization"
        ["#{what} #{account_or_organization}", *story.map { |line| "  #{line}" }].join("\n")
      end

      # @return [Array<Hash{String => Object}>] the organization fields of the instance that is written
      def definitions
        Zendesk.client(@instance).organization_fields
      end

      # @return [CrmSync::Organizations::Gathering]
      def gathering
        Gathering.new(@declaration, @log)
      end

      private

      def rules(definitions)
        fields = Fields.new(@declaration, definitions, Zendesk.settings(@instance).host)
        Rules.new(@declaration, fields.check).to_h
      end

      def build(tables, rules, started)
        result = tables.decide(host)
        decision = Decision.new(result, yield(result[:changes]))
        check = SourceCheck.new(Sources.of(@declaration, tables.facts, decision), memory.sources)
        assemble(changes: decision.changes, issues: decision.issues + check.drift, ledger: decision.ledger,
                 could_suffer: result[:could_suffer], check:, rules:, seconds: clock - started)
      end

      def assemble(changes:, issues:, ledger:, could_suffer:, check:, rules:, seconds:)
        writer = Writer.new(@declaration, rules, host, remember: -> { memory.keep(check) })
        Plan.new(sync: @sync, changes:, issues:, ledger:, read: WholeRead, writer:, source_check: check, seconds:,
                 budgets: Budgets.new(@declaration, could_suffer, memory.spending))
      end

      def memory
        @memory ||= Memory.new(@declaration)
      end

      def host
        @host ||= Host.new(@log)
      end

      def clock
        Process.clock_gettime(Process::CLOCK_MONOTONIC)
      end
    end
  end
end
