# frozen_string_literal: true

require_relative "../notices/health"
require_relative "../notices/reporting"
require_relative "../notices/run_events"
require_relative "interruption"
require_relative "shadow"

module CrmSync
  # The methods that run a sync or look at its runs.
  module Running
    # Runs the sync like +call+, but raises an error when the run was held, blocked or skipped.
    #
    # @param options [Hash{Symbol => Object}] the options of +call+
    # @return [CrmSync::Run]
    # @raise [CrmSync::Error, ArgumentError] as +call+ does
    # @raise [CrmSync::BudgetExceeded] when changes were held back or the run was blocked; the changes that could be
    #   applied have been applied
    # @raise [CrmSync::Locked] when the run was skipped because another one is in progress
    # @example
    #   UpdateUserSalesforceInfo.call!
    def call!(**options)
      run = call(**options)
      raise Locked, "#{name} was #{run}" if run.status == :skipped
      return run unless %i[held blocked].include?(run.status)

      raise BudgetExceeded.new(run.refusals.join("\n"), run:)
    end

    # Finds out what would prevent a run, or would better be otherwise: it checks the settings, the declaration, the
    # tables and indexes of the app, and the fields and permissions in Salesforce and Zendesk. It sends a few requests,
    # and writes nothing.
    #
    # @return [CrmSync::Diagnosis]
    # @example
    #   puts UpdateUserSalesforceInfo.doctor
    def doctor
      Diagnosis.new(declaration.name, Database.uncached(declaration.home) { examination.findings })
    end

    # Returns when a run for everybody last succeeded. A run with the status +:applied+, +:unchanged+ or +:partial+ is a
    # success: everything was read and decided, and all changes were tried. It is none if two or more records were tried
    # and all of them failed.
    #
    # @return [Time, nil]
    # @example
    #   UpdateUserSalesforceInfo.last_success&.before?(6.hours.ago) # a question for the monitoring
    def last_success
      Health.new(declaration).last_success
    end

    # Returns the last runs, the newest first. Their changes are loaded on request. It needs no credentials.
    #
    # @param limit [Integer] the maximum number of runs
    # @return [Array<CrmSync::PastRun>]
    # @raise [CrmSync::ConfigurationError] where there is no history; the message says what to run
    # @example
    #   UpdateUserSalesforceInfo.runs.first.undo!
    def runs(limit: 20)
      History.last(declaration.kept_as, limit, declaration.home)
    end

    # Lets the sync write again to fields that it leaves alone: those that somebody else has changed back again and
    # again, and those that an undo has put back.
    #
    # @param record_or_key [ActiveRecord::Base, Object] the record or its primary key; in an organization sync the
    #   account's id
    # @return [Array<Symbol>] the columns or fields that were left alone
    # @raise [CrmSync::ConfigurationError] where there is no history; the message says what to run
    # @raise [ArgumentError] when the argument is invalid, such as a record of another model, or the primary key of no
    #   record; the key of a deleted record is valid as long as a column of it is left alone
    # @example
    #   UpdateUserSalesforceInfo.thaw(User.find(7)) # => [:faculty_status]
    def thaw(record_or_key)
      Database.protect(declaration.home) do
        planner = self.planner
        planner.thaw(planner.key(record_or_key))
      end
    end

    # Runs the routine that this sync is to replace, plans before and after it, and reports the differences between the
    # two. It writes nothing except the data of {#shadow_report}. Meant for the week or two before a host switches to
    # the sync.
    #
    # @yield the old routine
    # @return [CrmSync::ShadowReport] the report of this run
    # @raise [CrmSync::Error] as +plan+ does; if the first plan fails, the old routine is not run
    # @raise [ArgumentError] without a block
    # @example
    #   UpdateUserSalesforceInfo.shadow { OldRoutine.call }
    def shadow(&old_routine)
      raise ArgumentError, "shadow needs a block that runs the old routine" unless old_routine

      Database.protect(declaration.home) { Shadow.new(self).run(planner.watch, &old_routine) }
    end

    # @param since [Time] the start of the report; runs older than two weeks are forgotten
    # @return [CrmSync::ShadowReport] the report of all runs of {#shadow} since then
    # @example
    #   puts UpdateUserSalesforceInfo.shadow_report(since: 1.day.ago)
    def shadow_report(since: Time.now - ShadowReport::KEPT_FOR)
      Shadow.new(self).report(since)
    end

    private

    # Runs the block, which returns the run, and notifies the host's subscribers of its start and its end.
    def watched_run(&)
      watched { RunEvents.around(name, &) }
    end

    # Runs the block, and then checks whether the alarm must be raised.
    def watched(&)
      process = Process.pid
      result = Database.protect(declaration.home, &)
    rescue StandardError => e
      # An error in a forked child says nothing about the sync, which goes on in the parent.
      raise in_a_fork(e) if forked_since?(process)

      look_after_failure
      raise
    else
      Health.new(declaration).look
      result
    end

    # @param process [Integer, nil] the id of the process that began; +nil+ if an interrupt came before it was known
    def forked_since?(process)
      !process.nil? && process != Process.pid
    end

    # Returns the error to raise in a forked child. While the child exits, much can fail that works in the parent, such
    # as the database connection.
    def in_a_fork(error)
      return error if error.is_a?(InternalError)

      InternalError.new("a run that its process had under way cannot go on in a fork of it")
    end

    # Checks the alarm after an error. Logs its own errors instead of raising them, because the caller must see the
    # first error.
    def look_after_failure
      Health.new(declaration).look
    rescue StandardError => e
      Log.new(name).error("alarm_after failed: #{Presentable.text(e.message)} (#{e.class.name})")
    end

    # Runs the block, which plans, and records in the history that it failed.
    def recorded(planner, &)
      started_at = Time.current
      process = Process.pid
      Interruption.watch_reading(name, &)
    rescue Lock::Taken
      raise # the other run is the one to record
    rescue StandardError => e
      keep_failure(planner, e, started_at || Time.current) unless forked_since?(process)
      raise
    end

    def keep_failure(planner, error, started_at)
      planner.history.unplanned(error, started_at)
    rescue StandardError => e
      # The connection is lost, or a transaction of the host has failed: the first error is the one that must be seen.
      Log.new(name).warn("the failure is not in the history: #{e.class}")
    end

    # @param lock [CrmSync::Lock] the lock that is held while the block runs, which returns the run
    def run_logged(allow_error_email, lock)
      log = Log.new(declaration.kept_as)
      run = lock.hold(held: ->(holder) { Run.skipped(holder) }) do
        log.info("Starting")
        PrivateFolder.state.tidy
        yield
      end
      return run.tap { log.info(run.to_s) } if run.status == :skipped

      Reporting.new(declaration, log).report(run) if allow_error_email && declaration.report
      log.info("Finished: #{run}")
      run
    end
  end
end
