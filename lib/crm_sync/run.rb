# frozen_string_literal: true

require_relative "notices/confidential"
require_relative "run/failure"

module CrmSync
  # The outcome of applying a plan, or of not coming to that because another run of the sync was under way.
  class Run
    # @return [Integer, nil] its place in the {History}; nil where there is none
    attr_reader :id
    # @return [CrmSync::Plan, nil] the plan; nothing where +call+ was skipped
    attr_reader :plan
    # @return [Array<CrmSync::Change>] the changes that were done
    attr_reader :applied
    # @return [Array<CrmSync::Change>] the changes that a budget held back
    attr_reader :held
    # @return [Hash{CrmSync::Change => String}] the changes whose premises had moved since the plan, with what had
    attr_reader :stale
    # @return [Array<CrmSync::Change>] the changes that somebody had done already, such as an earlier run of the same
    #   plan
    attr_reader :done
    # @return [Array<CrmSync::Change>] the changes that were written and did not stay, because the app's own model or
    #   database put them back: nothing followed, and an issue says so
    attr_reader :put_back
    # @return [Array<CrmSync::Run::Failure>] the errors of single records; the others went on
    attr_reader :errors
    # @return [Array<CrmSync::Refusal>] the reasons that something was held or everything blocked, and what lets it
    #   through
    attr_reader :refusals
    # @return [Float] seconds that planning and applying took
    attr_reader :duration

    # A run that came to nothing, not even to a plan.
    # @api private
    def self.skipped(holder)
      new(plan: nil, read: nil, duration: 0.0, skipped: skip_message(holder))
    end

    # Says why a run was skipped.
    # @api private
    def self.skip_message(holder)
      "nothing done, because another run of this sync is under way (#{holder || "it is not known whose"})"
    end

    # @api private
    def initialize(plan:, read:, duration:, history: nil, id: nil, applied: [], held: [], stale: {}, done: [],
                   errors: [], refusals: [], put_back: [], told: [], blocked: false, skipped: nil,
                   whole: true)
      @id = id
      @history = history
      @plan = plan
      @read = read
      @applied = applied
      @held = held
      @stale = stale
      @done = done
      @errors = errors
      @refusals = refusals
      @put_back = put_back
      @told = told
      @blocked = blocked
      @skipped = skipped
      @whole = whole
      @duration = duration
      freeze
    end

    # A plan that is applied again and finds everything done already is +:unchanged+.
    # @return [Symbol] +:skipped+ nothing done, another run is under way; +:blocked+ nothing written, because a source
    #   looks wrong or a budget that blocks does not reach; +:held+ some changes held back; +:partial+ some records
    #   failed, had moved or were put back by the app; +:applied+; +:unchanged+
    # @example
    #   run.status # => :applied
    def status
      return :skipped if @skipped
      return :blocked if @blocked
      return :held if held.any?
      return :partial if [errors, stale, put_back].any?(&:any?)

      applied.any? ? :applied : :unchanged
    end

    # A success has read and decided everything, and has tried all that it decided. It is none where two or more records
    # were tried and all of them failed: that is probably not the fault of single records.
    # @api private
    def succeeded?
      %i[applied unchanged partial].include?(status) && (applied.any? || stale.any? || errors.count(&:key) < 2)
    end

    # Returns whether it was for everybody.
    # @api private
    def whole?
      @whole
    end

    # The same run, whose problems say too that those of an earlier one are over.
    # @api private
    # @param since [Integer] the moment at which those were reported, in seconds
    def recovered(since)
      line = "recovered: the problems that were reported since #{Presentable.time(since)} are over"
      dup.tap { |run| run.instance_variable_set(:@recovered, line) }.freeze
    end

    # @return [Array<CrmSync::Issue>] the issues to look at: of the plan, and of what was written
    def issues
      (plan ? plan.issues : []) + @told
    end

    # @return [Array<String>] refusals, errors, what was stale, and issues; nobody's address is in it
    # @example
    #   DevMailer.inspect_object(object: run.problems, subject: "Sync problems").deliver_later
    def problems
      moved = stale.map { |change, why| "#{change.key}: changed since the plan (#{why}); the next run looks again" }
      [*@recovered] + [*refusals, *errors].map(&:to_s) + moved + issues.map(&:to_s)
    end

    # @return [Hash{Symbol => Object}] status and counts, with what was +done_already+ if anything was; after a full
    #   comparison also what the incremental reads had
    #   +missed+
    # @example
    #   run.summary # => { status: :applied, applied: { link: 3 }, held: 0, stale: 0, errors: 0, issues: 1 }
    def summary
      {
        status:, applied: applied.map(&:action).tally, held: held.size, stale: stale.size, errors: errors.size,
        issues: issues.size, **already, **@read&.summary.to_h
      }
    end

    # @return [CrmSync::Ledger] the plan's, with what became of the changes; without books where nothing was planned
    def ledger
      return Ledger.new({}) unless plan

      plan.ledger.with_outcomes(
        applied: applied.size, held: held.size, stale: stale.size, failed: errors.count(&:key),
        blocked: @blocked ? plan.changes.size : 0, skipped: @skipped ? plan.changes.size : 0, **already
      )
    end

    # Puts back what it changed, where that still stands (see {PastRun#undo!}).
    #
    # @return [CrmSync::Run]
    # @raise [ArgumentError] when the run was skipped
    # @raise [CrmSync::ConfigurationError] where there is no history
    # @raise (see PastRun#undo!)
    # @example
    #   run = UpdateUserSalesforceInfo.call
    #   run.undo!
    def undo!
      @skipped ? raise(ArgumentError, "the run was skipped: it changed nothing") : @history.undo!(id)
    end

    # @return [String] one line; of a skipped run, with who runs the sync and since when
    def to_s
      return "skipped: #{@skipped}" if @skipped

      nothing = { unchanged: "nothing to do", blocked: "nothing written" }[status]
      parts = outcomes.reject { |_, count| count.zero? }.map { |what, count| "#{Presentable.count(count)} #{what}" }
      memory = " (no earlier run was remembered)" if plan.first_run?
      "#{status}: #{[nothing, *parts].compact.join(", ")}, in #{format("%.1f", duration)} s#{memory}"
    end

    # @return [String]
    def inspect
      "#<#{self.class.name} #{self}>"
    end

    private

    def already
      { done_already: done.size, put_back: put_back.size }.select { |_, count| count.positive? }
    end

    def outcomes
      counts = { "held back" => held, "done already" => done, "put back by the app" => put_back,
                 "stale" => stale,
                 "error".pluralize(errors.size) => errors, "issue".pluralize(issues.size) => issues }
      applied.map(&:action).tally.sort + counts.transform_values(&:size).to_a
    end
  end
end

require_relative "run/json"
