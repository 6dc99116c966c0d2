# frozen_string_literal: true

require_relative "reported_problems"

module CrmSync
  # Reports problems as the declaration says: new ones at once, the same ones once a day, and once that they are over.
  class Reporting
    # The parts of an error message that differ from try to try.
    PASSING = /request \S+|\d+/
    # The parts of the message of an issue that differ from run to run, unlike the ids in it.
    COUNTS = /
      request\ \S+ |
      \b\d[\d,]*\ of\ \d[\d,]* |
      \b\d[\d,.]*\ (?:more|s|tr(?:y|ies)|(?:account|contact|hour|lead|read|row|user|write-back)s?)\b
    /x
    private_constant :PASSING, :COUNTS

    # @param declaration [CrmSync::Internal::Declaration] the declaration of the sync
    # @param log [CrmSync::Log]
    def initialize(declaration, log)
      @report = declaration.report
      @log = log
      @told = ReportedProblems.new(State.of(declaration), "report")
    end

    # @param run [CrmSync::Run]
    def report(run)
      digest = ReportedProblems.digest(lasting(run))
      news = news(run, digest)
      return unless news && wanted?

      @report.block.call(news)
      # A run for a few users says nothing about the state of all.
      return unless run.whole?

      digest ? @told.keep(digest) : @told.forget
    end

    private

    def wanted?
      @report.condition.nil? || @report.condition.call
    end

    # Returns the problems that last. Stale changes are left out, because the next run examines them again.
    def lasting(run)
      errors = run.errors.map { |error| [error.key, error.exception, error.message.gsub(PASSING, "")] }
      issues = run.issues.map { |issue| [issue.kind, issue.field, issue.message.gsub(COUNTS, "")] }
      run.refusals.map(&:signature) + errors + issues
    end

    def news(run, digest)
      case @told.compare(digest)
      when :same then same
      when :over then run.succeeded? && run.whole? ? run.recovered(@told.since) : with_problems(run)
      else with_problems(run)
      end
    end

    def with_problems(run)
      run if run.problems.any?
    end

    def same
      @log.info("the problems are those that were reported, which is done once a day")
      nil
    end
  end
  private_constant :Reporting
end
