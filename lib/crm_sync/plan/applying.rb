# frozen_string_literal: true

require_relative "../notices/health"
require_relative "../notices/refusal_log"
require_relative "../store/stored_name"

module CrmSync
  # Applies a plan: writes the changes that may be written, under the lock, and returns the run with the results.
  class Applying
    # @param plan [CrmSync::Plan]
    # @param context [CrmSync::PlanContext]
    def initialize(plan, context)
      @plan = plan
      @context = context
    end

    # @param allow [Hash{Symbol => Integer}]
    # @return [CrmSync::Run]
    def run(allow)
      @started = clock
      check_partition
      writer.check(allow)
      skip = ->(holder) { finished(skipped: Run.skip_message(holder)) }
      lock.hold(held: skip) { history.run(@plan) { write(allow) } }
    end

    private

    delegate :read, :budgets, :source_check, :writer, :history, :lock, :seconds, :whole, :of_partition,
             to: :@context, private: true

    # Refuses another partition of the app than the plan's, because its lock, memory and budgets are different.
    # @raise [CrmSync::ConfigurationError]
    def check_partition
      now = @plan.sync.declaration.partition
      return if now == of_partition

      raise ConfigurationError, "the plan was made in #{StoredName.told(of_partition)}, and this is " \
                                "#{StoredName.told(now)}; go back there, or plan again"
    end

    def write(allow)
      blocks = source_check.blocks(allow)
      return blocked(SourceCheck.refusals(@plan.sync.name, blocks)) if blocks.any?

      over = budgets.overdrawn(@plan.changes, allow)
      refusals = budgets.refusals(over)
      return blocked(refusals) if over.any?(&:blocks)

      held = over.flat_map(&:changes).uniq
      finished(held:, refusals:, **written(@plan.changes - held))
    end

    # Writes changes. Those whose outcome is unknown count as spent; apart from that they are errors like others.
    def written(changes)
      left_alone = left_alone(changes)
      writing = changes - left_alone.keys
      outcome = budgets.spend(@plan.changes, writing, whole:) { writer.write(writing) }
      { **outcome.except(:unknown), stale: { **left_alone, **outcome[:stale] } }
    end

    # Returns the changes that are left alone: a plan that was made before an undo does not bring back what was undone,
    # and does not write what was frozen since.
    def left_alone(changes)
      history.filter(changes) { nil }.left_alone
    end

    def blocked(refusals)
      finished(refusals:, blocked: true)
    end

    def finished(**outcome)
      duration = seconds + clock - @started
      run = Run.new(plan: @plan, history:, id: history.run_id, duration:, read:, whole:, **outcome)
      read.settle(run.succeeded?)
      log(run)
      Health.new(@plan.sync.declaration).succeeded if run.whole? && run.succeeded?
      run
    end

    def log(run)
      log = Log.new(@plan.sync.name)
      RefusalLog.new(@plan.sync.declaration, log).write(run)
      run.errors.each { |error| log.error(error.to_s) }
      log.info(run.to_s) if run.status == :skipped
    end

    def clock
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end
  end
  private_constant :Applying
end
