# frozen_string_literal: true

require_relative "../issue"
require_relative "../ledger"
require_relative "../notices/presentable"
require_relative "../notices/progress"
require_relative "../plan"
require_relative "../plan/nothing_read"
require_relative "../plan/spending_book"
require_relative "../run"
require_relative "../store/state"
require_relative "../sync/block_check"
require_relative "../sync/planner"
require_relative "change"
require_relative "decide/came_to"
require_relative "decide/decision"
require_relative "decide/explaining"
require_relative "declare/fields"
require_relative "declare/rules"
require_relative "read/absence"
require_relative "read/gathering"
require_relative "read/look_up"
require_relative "read/memory"
require_relative "read/populations"
require_relative "read/sources"
require_relative "write/past_values"
require_relative "write/plan_codec"
require_relative "write/undoing"
require_relative "write/writer"

module CrmSync
  module Organizations
    # Builds plans: reads and compares both sides, and converts the result.
    class Planner < Internal::Planner
      include Explaining

      UNWATCHED = Struct.new(:changed) { def same?(*) = true }.new({}.freeze).freeze
      private_constant :UNWATCHED

      # @param sync [Class]
      def initialize(sync)
        super
        @instance = @declaration.instance.name
        @lock = Lock.for(sync.name)
      end

      # @return [CrmSync::Plan] a plan from the current values of both sides
      def plan
        started = clock
        read_at = Time.now
        rules = rules(definitions)
        tables = gathering.tables(rules)
        lock.renew
        build(tables, rules, read_at, started, ->(parts) { filtered(**parts) }) { |result| absence.hold(result) }
      end

      # Builds a plan without sending any request. So nothing is looked up, and fields that are to be left alone are
      # found only when the plan is applied.
      # @param folder [CrmSync::Internal::StagesFolder] the folder into which both sides were gathered
      # @param definitions [Array<Hash{String => Object}>] the organization fields of the instance
      # @param sha256 [Array(String, String)] the digests that the files of accounts and organizations had when they
      #   were written
      # @param read_at [Time] the start of the reads
      # @return [CrmSync::Plan] a plan from the files; the lists of changes are also written to the folder
      def plan_from(folder, definitions, sha256:, read_at:)
        started = clock
        rules = rules(definitions)
        tables = Native::OrganizationTables.read(folder.path, rules, sha256, host)
        plan = build(tables, rules, read_at, started, :itself.to_proc) { |result| [result, [], {}] }
        tables.write(folder.path, host)
        plan
      end

      # @param header [CrmSync::PlanHeader] the header of a stored plan
      # @param rows [Enumerable<Hash>] the changes of the plan
      # @param max_age [Numeric, nil] the maximum age of the plan, in seconds
      # @param remember [Boolean] whether to keep the counts of its reads, with which the next run is compared
      # @return [CrmSync::Plan] a plan that can be applied
      # @raise [CrmSync::StalePlan]
      def restore(header, rows, max_age:, remember: false)
        restored(header, rows, max_age) do |source_check|
          keep = memory.keeping(source_check, read_at: header.made_at) if remember
          { writer: writer(rules(definitions), keep, planned_elsewhere: true),
            budgets: budgets(Populations.new(@declaration).to_h) }
        end
      end

      # @param run_id [Integer] the run that is undone
      # @return [Undoing]
      def undoing(run_id)
        history = SyncHistory.of(@sync.name, past_values, org: org_host, undoes: run_id)
        Undoing.new(@declaration, history, writer(rules(definitions), nil, history:))
      end

      # @return [PastValues]
      def past_values
        @past_values ||= PastValues.new(Zendesk.settings(@instance).host)
      end

      # @return [CrmSync::Organizations::PlanCodec]
      def codec
        @codec ||= PlanCodec.new(@declaration)
      end

      # @return [#changed, #same?] an empty watch: a change that somebody else makes in Zendesk is seen only if the sync
      #   would then make another one
      def watch
        UNWATCHED
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
        @declaration.refuse_all(fields.problems + BlockCheck.new(@declaration).problems)
        Rules.new(@declaration, fields, CameTo.new(@declaration).to_native).to_h
      end

      def build(tables, rules, read_at, started, filter)
        result, issues, stories = yield(tables.decide(host))
        decision = Decision.new(result, stories, issues)
        check = source_check(tables, decision)
        writer = writer(rules, memory.keeping(check, read_at:))
        parts = filter.call(decision.parts(memory.drift(check)))
        planned(parts, read: NothingRead, writer:, source_check: check, budgets: budgets(result[:could_suffer]),
                       seconds: clock - started, whole: true)
      end

      def absence
        @absence ||= Absence.new(@declaration)
      end

      def source_check(tables, decision)
        check(Sources.of(@declaration, tables.facts, decision))
      end

      def writer(rules, remember, history: self.history, planned_elsewhere: false)
        Writer.new(@declaration, rules, codec, host, lock:, history:, remember:,
                                                     elsewhere: (absence if planned_elsewhere))
      end

      def without(change, names)
        change.without(names, @declaration.needed(change.action))
      end

      def org_host
        Salesforce.settings(@declaration.org).host
      end

      def memory
        @memory ||= Memory.new(@declaration, "#{org_host} and #{Zendesk.settings(@instance).host}", absence)
      end

      def host
        @host ||= Host.new(@log)
      end
    end
    private_constant :Planner
  end
end
