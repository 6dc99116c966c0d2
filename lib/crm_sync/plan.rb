# frozen_string_literal: true

require_relative "native"
require_relative "notices/confidential"
require_relative "plan/applying"
require_relative "plan/context"
require_relative "plan/digest"
require_relative "plan/file"
require_relative "plan/text"
require_relative "store/preemptible"

module CrmSync
  # A plan: what a sync would do, and why. Nothing is written before {#apply}.
  class Plan
    # @return [Class] the sync that made the plan
    attr_reader :sync
    # @return [Array<CrmSync::Change>] in the order of the keys
    attr_reader :changes
    # @return [Array<CrmSync::Issue>] the issues to look at
    attr_reader :issues
    # @return [CrmSync::Ledger] the account of every row
    attr_reader :ledger

    # @api private
    # @param context [CrmSync::PlanContext]
    def initialize(sync:, changes:, issues:, ledger:, context:)
      @sync = sync
      @changes = changes.freeze
      @issues = issues.freeze
      @ledger = ledger
      @context = context
    end

    # @return [Boolean] whether nothing may be written, because a source looks wrong, or a budget that blocks is
    #   exceeded
    # @example
    #   plan.blocked? # => false
    def blocked?
      reading { source_check.blocks.any? || budgets.overdrawn(changes, {}).any?(&:blocks) }
    end

    # @return [Boolean] whether there is nothing to do
    # @example
    #   plan.empty? # => true
    def empty?
      changes.empty?
    end

    # @return [Boolean] whether no earlier run is remembered, so that the sources are compared with nothing, and without
    #   a {History} nothing counts as spent
    # @example
    #   plan.first_run? # => false
    def first_run?
      source_check.first_look?
    end

    # @return [Hash{Symbol => Object}] counts, the budgets that are exceeded, and the amounts that were +spent+ in the
    #   last 24 hours; after a full comparison also the rows that the incremental reads had +missed+
    # @example
    #   plan.summary
    #   # => { changes: { link: 3 }, issues: { contested_address: 1 }, blocked: false, over_budget: [], spent: {} }
    def summary
      reading do
        {
          changes: changes.map(&:action).tally, issues: issues.map(&:kind).tally, blocked: blocked?,
          over_budget: budgets.overdrawn(changes, {}).map(&:budget), spent: budgets.spent(changes), **read.summary
        }
      end
    end

    # @return [Array<CrmSync::Refusal>] the refusals that applying would meet: sources that look wrong, and budgets that
    #   are exceeded
    # @example
    #   plan.refusals.map(&:name) # => [:unlink]
    def refusals
      reading do
        SourceCheck.refusals(sync.name, source_check.blocks) + budgets.refusals(budgets.overdrawn(changes, {}))
      end
    end

    # @return [String] a digest of the changes: equal plans have equal digests, in whatever order the rows came
    # @example
    #   plan.digest == UpdateUserSalesforceInfo.plan.digest
    def digest
      @digest ||= self.class.digest(changes)
    end

    # Keeps the plan in a file that only its owner can read, so that it can be looked at and applied later or elsewhere.
    # A person's address is in it only if a change depends on the address.
    #
    # @param path [String, Pathname]
    # @return [void]
    # @raise [CrmSync::FileError] when it cannot be written
    # @example
    #   UpdateUserSalesforceInfo.plan.save("tmp/sync.plan")
    def save(path)
      rows = Preemptible.new(changes).lazy.map { |change| codec.dump(change) }
      reading { PlanFile.new(path).write(PlanHeader.of(self, codec.origin), rows) }
    end

    class << self
      # Loads a plan that was kept in a file. It can write nothing that the current declaration could not. Changes whose
      # premises have moved since are left out when it is applied.
      #
      # @param path [String, Pathname]
      # @param max_age [Numeric, nil] the greatest age, in seconds; nil is a day
      # @return [CrmSync::Plan]
      # @raise [CrmSync::StalePlan] when the file was changed or cut off, or the plan is too old, is for another sync,
      #   org, instance or database, or writes what the declaration does not; the message says which
      # @raise [CrmSync::FileError] when the file cannot be opened
      # @raise [CrmSync::ConfigurationError, CrmSync::MappingError] when the settings or the declaration cannot be right
      # @raise [CrmSync::RemoteError] in an organization sync, when the organizations could not be counted for its
      #   budgets
      # @example
      #   CrmSync::Plan.load("tmp/sync.plan").apply
      def load(path, max_age: nil)
        file = PlanFile.new(path)
        kept, rows = file.read
        sync = kept["sync"].to_s.safe_constantize
        known = sync.is_a?(Class) && sync.respond_to?(:planner)
        file.stale("this app has no sync #{Presentable.text(kept["sync"])}") unless known
        Database.protect(sync.declaration.home) do
          sync.planner.restore(PlanHeader.new(kept, file.method(:stale)), rows, max_age:)
        end
      end

      # @api private
      # @param changes [Array<CrmSync::Change>]
      # @return [String]
      def digest(changes) = PlanDigest.of(changes)
    end

    # Writes the changes that still hold. Each change is checked against the record as it is at that time; one whose
    # premises have moved is reported as stale. Nothing is written while another run of the sync is in progress; this
    # run is then +:skipped+. Budgets are checked against what has been spent by then, also by another plan, or by an
    # earlier call for this one.
    #
    # @param allow [Hash{Symbol => Integer}] budgets and sources that may go further this time; for a budget, the number
    #   of changes of its kind that this run may make, whatever was spent before
    # @return [CrmSync::Run]
    # @raise [ArgumentError] when +allow+ has a name that is neither a budget nor a source
    # @raise [CrmSync::Locked] when the run has lost its lock on the way
    # @example
    #   plan.apply(allow: { unlink: 20 })
    def apply(allow: {})
      carry_out(allow, anew: true)
    end

    # Applies the plan as {#apply} does. The run that has just made the plan looks nothing up anew.
    # @api private
    def carry_out(allow, anew: false)
      Database.protect(sync.declaration.home, anew:) { Applying.new(self, @context).run(allow) }
    end

    # @return [String] a table: the kinds of changes and their numbers, what they cost, the first changes of each kind
    #   with their reason and before → after, and the kinds of issues
    # @example
    #   puts UpdateUserSalesforceInfo.plan
    def to_s
      reading { text.whole(refusals, budgets.costs(changes)) }
    end

    # Returns everything that must be kept besides the changes, so that the plan can be applied in another process.
    # @api private
    # @return [Hash{String => Object}]
    def kept
      {
        "counts" => changes.map(&:action).tally, "issues" => issues.map(&:to_h), "ledger" => ledger.to_h,
        "source_check" => source_check.dump, "whole" => whole,
        "read" => { "summary" => read.summary, "lines" => read.lines }
      }
    end

    # Describes the plan without any query, unlike {#to_s}, because a console and Ruby's own errors show objects at any
    # time.
    # @return [String] one line
    def inspect
      "#<#{self.class.name} #{text.headline}>"
    end

    private

    delegate :read, :budgets, :source_check, :codec, :whole, to: :@context, private: true

    # Runs the block with a connection for the queries of budgets.
    def reading(&)
      Database.uncached(sync.declaration.home, &)
    end

    def text
      PlanText.new(self, read.lines)
    end
  end
end

require_relative "plan/json"
