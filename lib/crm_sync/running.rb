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

    # The last runs, the newest first. What they changed is read when it is asked for.
    #
    # @param limit [Integer]
    # @return [Array<CrmSync::PastRun>]
    # @raise [CrmSync::ConfigurationError] where there is no history; the message says what to run
    # @example
    #   UpdateUserSalesforceInfo.runs.first.undo!
    def runs(limit: 20)
      planner.history.runs(limit)
    end

    # Lets the sync write again what it leaves alone: fields that somebody else had changed back again and again, and
    # fields that an undo had put back.
    #
    # @param record_or_key [ActiveRecord::Base, Object] the record or its primary key; of an organization sync the
    #   account's id
    # @return [Array<Symbol>] the columns or fields that were left alone
    # @raise [CrmSync::ConfigurationError] where there is no history; the message says what to run
    # @example
    #   UpdateUserSalesforceInfo.thaw(User.find(7)) # => [:faculty_status]
    def thaw(record_or_key)
      planner.history.thaw(record_or_key.is_a?(ActiveRecord::Base) ? record_or_key.id : record_or_key)
    end

    private

    # A run that could not be planned is in the history, too.
    def recorded
      started_at = Time.current
      yield
    rescue StandardError => e
      keep_failure(e, started_at)
      raise
    end

    def keep_failure(error, started_at)
      planner.history.unplanned(error, started_at)
    rescue StandardError => e
      # Settings or declaration are wrong, or there is no connection: the first error is the one to be seen.
      Log.new(name).debug("the failure is not in the history: #{e.class}")
    end

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
