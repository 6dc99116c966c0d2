# frozen_string_literal: true

require_relative "../notices/health"
require_relative "../notices/reporting"
require_relative "../notices/run_events"
require_relative "interruption"
require_relative "shadow"

module CrmSync
  # The ways to run a sync.
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

    # Returns when a run succeeded last: for everybody, and +:applied+, +:unchanged+ or +:partial+ (all was read,
    # decided and tried; where two or more records were tried and all failed, it is not a success).
    #
    # @return [Time, nil]
    # @example
    #   UpdateUserSalesforceInfo.last_success&.before?(6.hours.ago) # a question for the monitoring
    def last_success
      Health.new(declaration).last_success
    end

    # The last runs, the newest first. Their changes are read when they are asked for.
    #
    # @param limit [Integer]
    # @return [Array<CrmSync::PastRun>]
    # @raise [CrmSync::ConfigurationError] where there is no history; the message says what to run
    # @example
    #   UpdateUserSalesforceInfo.runs.first.undo!
    def runs(limit: 20)
      Database.uncached(declaration.home) { planner.history.runs(limit) }
    end

    # Lets the sync write again what it leaves alone: fields that somebody else had changed back again and again, and
    # fields that an undo had put back.
    #
    # @param record_or_key [ActiveRecord::Base, Object] the record or its primary key; of an organization sync the
    #   account's id
    # @return [Array<Symbol>] the columns or fields that were left alone
    # @raise [CrmSync::ConfigurationError] where there is no history; the message says what to run
    # @raise [ArgumentError] when it is none, such as a record of another model
    # @example
    #   UpdateUserSalesforceInfo.thaw(User.find(7)) # => [:faculty_status]
    def thaw(record_or_key)
      planner = self.planner
      Database.protect(declaration.home) { planner.thaw(planner.key(record_or_key)) }
    end

    # Runs the routine that this sync is to take the place of, plans before and after it, and tells where the two would
    # differ. It writes nothing but what {#shadow_report} needs. For a week or two before a host moves over.
    #
    # @yield the old routine
    # @return [CrmSync::ShadowReport] of this run
    # @raise [CrmSync::Error] as +plan+ does; before the old routine it is not run then
    # @raise [ArgumentError] without a block
    # @example
    #   UpdateUserSalesforceInfo.shadow { OldRoutine.call }
    def shadow(&old_routine)
      raise ArgumentError, "shadow needs a block that runs the old routine" unless old_routine

      Database.protect(declaration.home) { Shadow.new(self).run(planner.watch, &old_routine) }
    end

    # @param since [Time] the start of the time to look back over; runs older than two weeks are forgotten
    # @return [CrmSync::ShadowReport] of all runs of {#shadow} since then
    # @example
    #   puts UpdateUserSalesforceInfo.shadow_report(since: 1.day.ago)
    def shadow_report(since: Time.now - ShadowReport::KEPT_FOR)
      Shadow.new(self).report(since)
    end

    private

    # Runs the block, which gives the run, and tells the host's subscribers of its start and its end.
    def watched_run(&)
      watched { RunEvents.around(name, &) }
    end

    # Looks at the end whether the alarm must be raised.
    def watched(&)
      process = Process.pid
      result = Database.protect(declaration.home, &)
    rescue StandardError => e
      # A failure in a forked child is no news of the sync, which goes on in the parent.
      raise in_a_fork(e) if forked_since?(process)

      look_after_failure
      raise
    else
      Health.new(declaration).look
      result
    end

    # @param process [Integer, nil] the process that began; +nil+ where an interrupt came before it was asked
    def forked_since?(process)
      !process.nil? && process != Process.pid
    end

    # Returns the error to raise in a forked child, on whose way out much can fail that its parent has, such as the
    # database connection.
    def in_a_fork(error)
      return error if error.is_a?(InternalError)

      InternalError.new("a run that its process had under way cannot go on in a fork of it")
    end

    # Keeps quiet about its own failures: the caller must see what went wrong before.
    def look_after_failure
      Health.new(declaration).look
    rescue StandardError => e
      Log.new(name).error("alarm_after failed: #{Presentable.text(e.message)} (#{e.class.name})")
    end

    # A run that could not be planned is in the history, too.
    def recorded(planner, &)
      started_at = Time.current
      process = Process.pid
      Interruption.watch_reading(name, &)
    rescue Lock::Taken
      raise # the other run is the one to be kept
    rescue StandardError => e
      keep_failure(planner, e, started_at || Time.current) unless forked_since?(process)
      raise
    end

    def keep_failure(planner, error, started_at)
      planner.history.unplanned(error, started_at)
    rescue StandardError => e
      # There is no connection, or a transaction of the host's has failed: the first error is the one to be seen.
      Log.new(name).warn("the failure is not in the history: #{e.class}")
    end

    # @param lock [CrmSync::Lock] held while the block runs, which gives the run
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
