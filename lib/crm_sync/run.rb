# frozen_string_literal: true

require_relative "notices/confidential"
require_relative "run/failure"

module CrmSync
  # The outcome of applying a plan, or of a call that was skipped because another run of the sync was in progress.
  class Run
    # @return [Integer, nil] the run's id in the {History}; nil where there is no history
    attr_reader :id
    # @return [CrmSync::Plan, nil] the plan; nil if +call+ was skipped
    attr_reader :plan
    # @return [Array<CrmSync::Change>] the changes that were applied
    attr_reader :applied
    # @return [Array<CrmSync::Change>] the changes that a budget held back
    attr_reader :held
    # @return [Hash{CrmSync::Change => String}] the changes whose premises no longer held, each with the premise that
    #   had moved since the plan
    attr_reader :stale
    # @return [Array<CrmSync::Change>] the changes that had been made already by somebody else, such as an earlier run
    #   of the same plan
    attr_reader :done_already
    # @return [Array<CrmSync::Change>] the changes that were written and of which nothing stayed, because the app's own
    #   model or database put the old values back: nothing followed them, and an issue reports it
    attr_reader :put_back
    # @return [Array<CrmSync::Run::Failure>] the errors of single records; the other records were processed
    attr_reader :errors
    # @return [Array<CrmSync::Refusal>] the reasons why changes were held or the whole run was blocked, each with the
    #   call that allows them
    attr_reader :refusals
    # @return [Float] the duration of planning and applying, in seconds
    attr_reader :duration

    # Builds a run that was skipped, and so has no plan.
    # @api private
    def self.skipped(holder)
      new(plan: nil, read: nil, duration: 0.0, skipped: skip_message(holder))
    end

    # Returns the reason why a run was skipped, as a sentence.
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
      @done_already = done
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

    # Returns how the run ended. Applying a plan a second time, when all of its changes have been made already, gives
    # +:unchanged+.
    # @return [Symbol] +:skipped+: nothing done, because another run is in progress; +:blocked+: nothing written,
    #   because a source looks wrong or a budget with the policy +:block+ was exceeded; +:held+: some changes were held
    #   back; +:partial+: some records failed, had moved, or were put back by the app; +:applied+; +:unchanged+
    # @example
    #   run.status # => :applied
    def status
      return :skipped if @skipped
      return :blocked if @blocked
      return :held if held.any?
      return :partial if [errors, stale, put_back].any?(&:any?)

      applied.any? ? :applied : :unchanged
    end

    # Returns whether the run counts as a success: it has read and decided everything, and has tried all changes that it
    # decided on. It is no success if two or more records were tried and all of them failed, which is probably not the
    # fault of single records.
    # @api private
    def succeeded?
      %i[applied unchanged partial].include?(status) && (applied.any? || stale.any? || errors.count(&:key) < 2)
    end

    # Returns whether the run was for all users, and not restricted to some.
    # @api private
    def whole?
      @whole
    end

    # Returns a copy of the run whose +problems+ also say that the problems of an earlier run are over.
    # @api private
    # @param since [Integer] the time at which those problems were reported, in seconds since 1970
    def recovered(since)
      line = "recovered: the problems that were reported since #{Presentable.time(since)} are over"
      dup.tap { |run| run.instance_variable_set(:@recovered, line) }.freeze
    end

    # @return [Array<CrmSync::Issue>] the issues that somebody should look at: those of the plan, and those of the
    #   writes
    def issues
      (plan ? plan.issues : []) + @told
    end

    # @return [Array<String>] the refusals, the errors, the stale changes and the issues, without e-mail addresses
    # @example
    #   DevMailer.inspect_object(object: run.problems, subject: "Sync problems").deliver_later
    def problems
      moved = stale.map { |change, why| "#{change.key}: changed since the plan (#{why}); the next run looks again" }
      [*@recovered] + [*refusals, *errors].map(&:to_s) + moved + issues.map(&:to_s)
    end

    # @return [Hash{Symbol => Object}] the status and the counts; +done_already+ and +put_back+ only if there are any;
    #   after a full comparison also the number of changes that the incremental reads had +missed+
    # @example
    #   run.summary # => { status: :applied, applied: { link: 3 }, held: 0, stale: 0, errors: 0, issues: 1 }
    def summary
      {
        status:, applied: applied.map(&:action).tally, held: held.size, stale: stale.size, errors: errors.size,
        issues: issues.size, **already, **@read&.summary.to_h
      }
    end

    # @return [CrmSync::Ledger] the ledger of the plan, with the outcomes of the changes; without books if nothing was
    #   planned
    def ledger
      return Ledger.new({}) unless plan

      plan.ledger.with_outcomes(
        applied: applied.size, held: held.size, stale: stale.size, failed: errors.count(&:key),
        blocked: @blocked ? plan.changes.size : 0, skipped: @skipped ? plan.changes.size : 0, **already
      )
    end

    # Puts back the values that the run changed, where they are still the run's (see {PastRun#undo!}).
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

    # @return [String] one line; for a held or blocked run with the reasons in a few words, and for a skipped one with
    #   the process that runs the sync and the time since when
    def to_s
      return "skipped: #{@skipped}" if @skipped

      nothing = { unchanged: "nothing to do", blocked: "nothing written" }[status]
      parts = outcomes.reject { |_, count| count.zero? }.map { |what, count| "#{Presentable.count(count)} #{what}" }
      memory = " (no earlier run was remembered)" if plan.first_run?
      why = ": #{refusals.map(&:brief).join("; ")}" if refusals.any?
      "#{status}: #{[nothing, *parts].compact.join(", ")}, in #{format("%.1f", duration)} s#{memory}#{why}"
    end

    # @return [String]
    def inspect
      "#<#{self.class.name} #{self}>"
    end

    private

    def already
      { done_already: done_already.size, put_back: put_back.size }.select { |_, count| count.positive? }
    end

    def outcomes
      counts = { "held back" => held, "done already" => done_already, "put back by the app" => put_back,
                 "stale" => stale,
                 "error".pluralize(errors.size) => errors, "issue".pluralize(issues.size) => issues }
      applied.map(&:action).tally.sort + counts.transform_values(&:size).to_a
    end
  end
end

require_relative "run/json"
