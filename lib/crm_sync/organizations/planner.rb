# frozen_string_literal: true

require_relative "../budgets"
require_relative "../issue"
require_relative "../ledger"
require_relative "../lock"
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
require_relative "keeping"
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
      # @return [CrmSync::Lock] which keeps two runs of the sync apart
      attr_reader :lock

      # @param sync [Class]
      def initialize(sync)
        @sync = sync
        @declaration = sync.declaration.complete!
        @log = Log.new(sync.name)
        @instance = @declaration.instance.name
        @lock = Lock.for(sync.name)
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

      # @param header [CrmSync::PlanHeader] of a plan that was kept
      # @param rows [Array<Hash>] its changes
      # @param max_age [Numeric, nil] in seconds
      # @param remember [Boolean] whether the next run is to be compared with what was read then
      # @return [CrmSync::Plan] that can be applied
      # @raise [CrmSync::StalePlan]
      def restore(header, rows, max_age:, remember: false)
        header.check(@sync.name, keeping.origin, max_age)
        changes = rows.map { |row| keeping.load(row, header.stale) }
        header.check_changes(changes)
        parts = header.parts(@declaration, memory.spending)
        keep = -> { memory.keep(parts[:source_check]) if remember }
        Plan.new(sync: @sync, changes:, writer: writer(rules(definitions), keep), keeping:, lock:,
                 **parts)
      end

      # @return [CrmSync::Organizations::Keeping]
      def keeping
        @keeping ||= Keeping.new(@declaration)
      end

      # @return [#changed] nobody: what others change in Zendesk is seen only where it differs from what is planned
      def watch
        Struct.new(:changed).new([])
      end

      # @param account_or_organization [String, Integer]
      # @return [String]
      # @raise [ArgumentError] when it is no id
      def explain(account_or_organization)
        account = account_id(account_or_organization.to_s)
        rules = rules(definitions)
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

      # Looked at before all is read.
      # @return [String, nil] nil for the id of an organization
      def account_id(id)
        return if id.match?(/\A\d{1,14}\z/)
        return id if id.match?(/\A[A-Za-z\d]{15}(?:[A-Za-z\d]{3})?\z/)

        raise ArgumentError, "#{Presentable.text(id).inspect} is the id of neither an account nor an organization"
      end

      def rules(definitions)
        fields = Fields.new(@declaration, definitions, Zendesk.settings(@instance).host)
        Rules.new(@declaration, fields.check).to_h
      end

      def build(tables, rules, started)
        result = tables.decide(host)
        decision = Decision.new(result, yield(result[:changes]))
        check = SourceCheck.new(Sources.of(@declaration, tables.facts, decision), memory.sources)
        Plan.new(sync: @sync, **decision.parts(check.drift), read: WholeRead, source_check: check, keeping:, lock:,
                 writer: writer(rules, -> { memory.keep(check) }), budgets: budgets(result), seconds: clock - started)
      end

      def budgets(result)
        Budgets.new(@declaration, result[:could_suffer], memory.spending)
      end

      def writer(rules, remember)
        Writer.new(@declaration, rules, keeping, host, lock:, remember:)
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
