# frozen_string_literal: true

module CrmSync
  # How both syncs are run.
  module Running
    # Like +call+, but raises when the run was held, blocked or skipped.
    #
    # @param options [Hash{Symbol => Object}] those of +call+
    # @return [CrmSync::Run]
    # @raise [CrmSync::Error] as +call+ does
    # @raise [CrmSync::BudgetExceeded] when changes were held back or the run was blocked; what could be applied, is
    # @raise [CrmSync::Locked] when the run was skipped because another one is under way
    # @example
    #   UpdateUserSalesforceInfo.call!
    def call!(**options)
      run = call(**options)
      raise Locked, "#{name} was #{run}" if run.status == :skipped
      return run unless %i[held blocked].include?(run.status)

      raise BudgetExceeded.new(run.refusals.join("\n"), run:)
    end

    private

    # @param lock [CrmSync::Lock] held while the block runs, which gives the run
    def run_logged(allow_error_email, lock)
      log = Log.new(name)
      run = lock.hold(held: ->(holder) { Run.skipped(holder) }) do
        log.info("Starting")
        yield
      end
      report(run) if allow_error_email
      log.info(run.status == :skipped ? run.to_s : "Finished: #{run}")
      run
    end

    def report(run)
      report = declaration.report
      report.block.call(run) if report && run.problems.any? && (report.condition.nil? || report.condition.call)
    end
  end
end
