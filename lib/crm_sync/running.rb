# frozen_string_literal: true

module CrmSync
  # How both syncs are run.
  module Running
    # Like +call+, but raises when the run was held or blocked.
    #
    # @param options [Hash{Symbol => Object}] those of +call+
    # @return [CrmSync::Run]
    # @raise [CrmSync::Error] as +call+ does
    # @raise [CrmSync::BudgetExceeded] when changes were held back or the run was blocked; what could be applied, is
    # @example
    #   UpdateUserSalesforceInfo.call!
    def call!(**options)
      run = call(**options)
      return run unless %i[held blocked].include?(run.status)

      raise BudgetExceeded.new(run.refusals.join("\n"), run:)
    end

    private

    def run_logged(allow_error_email)
      log = Log.new(name)
      log.info("Starting")
      run = yield
      report(run) if allow_error_email
      log.info("Finished: #{run}")
      run
    end

    def report(run)
      report = declaration.report
      report.block.call(run) if report && run.problems.any? && (report.condition.nil? || report.condition.call)
    end
  end
end
