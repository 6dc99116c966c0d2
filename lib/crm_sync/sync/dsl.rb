# frozen_string_literal: true

require_relative "declaration"
require_relative "word_checks"
require_relative "words"

module CrmSync
  # The words that both syncs are declared with.
  module Dsl
    include WordChecks

    # Chooses the Salesforce org to read, if several are configured.
    # @param name [Symbol] as in +CrmSync.configure { |c| c.salesforce(name) }+
    # @return [void]
    # @example
    #   salesforce :marketing
    def salesforce(name)
      declaration.set(:org, symbol(name, "salesforce names an org"), here)
    end

    # Says what happens when more is planned than a budget allows.
    # @param budget [Symbol] one of the sync's budgets (its own are declared above), or +:all+ for those that are not
    #   named
    # @param policy [:hold, :block] +:hold+, as without the word, holds back all changes of the kind, and the others go
    #   on; with +:block+ nothing is written at all
    # @return [void]
    # @raise [CrmSync::MappingError] when there is no such budget or policy
    # @example
    #   over_budget :all, :block
    #   over_budget :clear, :hold
    def over_budget(budget, policy)
      known = [*declaration.budget_names, :all]
      budget = symbol(budget, "over_budget names a budget")
      problem = "is :hold or :block" unless %i[hold block].include?(policy)
      problem = "names no budget; above this line there are #{known.inspect}" unless known.include?(budget)
      declaration.refuse(here, "over_budget #{budget.inspect} #{problem}") if problem
      declaration.set_over_budget(budget, policy, here)
    end

    # Reports the problems of a run that was called with +allow_error_email: true+: new ones at once, the
    # same ones once a day, and once that they are over.
    # @param only_if [Proc, nil] whether to report at all
    # @yieldparam run [CrmSync::Run] a run that has problems; or whose +problems+ say that those of the last report are
    #   over
    # @return [void]
    # @raise [CrmSync::MappingError] without a block
    # @example
    #   report_problems only_if: -> { Settings.error_mails? } do |run|
    #     DevMailer.inspect_object(object: run.problems, subject: "Sync problems").deliver_later
    #   end
    def report_problems(only_if: nil, &block)
      block_for("report_problems", block, "the run")
      right = only_if.nil? || only_if.respond_to?(:call)
      declaration.refuse(here, "report_problems only_if: is code, such as -> { Rails.env.production? }") unless right
      declaration.set(:report, Internal::Declaration::Report.new(only_if, block), here)
    end

    # Raises an alarm if no run has succeeded for so long; once, and while it goes on after each further such time, but
    # not more than once a day. It is looked at whenever the sync is called, also when that raises. A success is a run
    # for everybody that was +:applied+, +:unchanged+ or +:partial+.
    # @param duration [ActiveSupport::Duration]
    # @yieldparam since [Time] of the last success; where there was none, of the first call
    # @return [void]
    # @raise [CrmSync::MappingError] when it is not a duration, or without a block
    # @example
    #   alarm_after 6.hours do |since|
    #     Sentry.capture_message("no sync of teachers has succeeded since #{since}")
    #   end
    def alarm_after(duration, &block)
      right = duration.is_a?(ActiveSupport::Duration) && duration.positive?
      declaration.refuse(here, "alarm_after needs a duration, such as 6.hours") unless right
      block_for("alarm_after", block, "the time of the last success")
      declaration.set(:alarm, Internal::Declaration::Alarm.new(duration.to_i, block, here), here)
    end

    private

    # Returns the declaration of the class above; nil for the base of all syncs.
    def declaration_above
      superclass.declaration if superclass.respond_to?(:declaration)
    end
  end
end
