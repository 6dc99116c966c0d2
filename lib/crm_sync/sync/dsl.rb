# frozen_string_literal: true

require_relative "declaration"
require_relative "word_checks"
require_relative "words"

module CrmSync
  # The words that the declarations of both syncs have in common.
  module Dsl
    include WordChecks

    # Declares the Salesforce org that is read, if several are configured.
    # @param name [Symbol] as in +CrmSync.configure { |c| c.salesforce(name) }+
    # @return [void]
    # @example
    #   salesforce :marketing
    def salesforce(name)
      declaration.set(:org, symbol(name, "salesforce names an org"), here)
    end

    # Returns a value as it is written in SOQL, for +where:+. Use it for every value that is not written in the
    # declaration itself: a quote in a value could otherwise change the condition.
    # @param value [Object] a value that {CrmSync::Salesforce::Soql.quote} takes
    # @return [String]
    # @raise [CrmSync::MappingError] when SOQL has no form for the value
    # @example
    #   accounts "Account", key: "Id", where: "OwnerId = #{soql ENV.fetch("OWNER")}"
    # @example
    #   contacts "Contact", where: -> { "Tenant__c = #{soql Tenant.current.code}" }
    def soql(value)
      Salesforce::Soql.quote(value)
    end

    # Declares what happens when a plan exceeds a budget.
    # @param budget [Symbol] one of the sync's budgets (its own ones are declared above this line), or +:all+ for those
    #   that are not named
    # @param policy [:hold, :block] +:hold+, the default, holds back all changes of the kind and writes the others;
    #   +:block+ writes nothing at all
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

    # Declares how the problems of a run are reported, if it was called with +allow_error_email: true+: new problems at
    # once, the same problems once a day, and once the news that they are over.
    # @param only_if [Proc, nil] whether to report at all
    # @yieldparam run [CrmSync::Run] a run that has problems, or whose +problems+ say that those of the last report are
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

    # Declares an alarm, which is raised if no run has succeeded for a duration: once, and, while that goes on, again
    # after each further such duration, but at most once a day. It is checked whenever the sync is called, also when the
    # call raises an error. For what counts as a success, see {Running#last_success}.
    # @param duration [ActiveSupport::Duration]
    # @yieldparam since [Time] the time of the last success, or of the first call if there was none
    # @return [void]
    # @raise [CrmSync::MappingError] when the duration is invalid, or without a block
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

    # Returns the declaration of the superclass; nil for the base class of the syncs.
    def declaration_above
      superclass.declaration if superclass.respond_to?(:declaration)
    end
  end
end
