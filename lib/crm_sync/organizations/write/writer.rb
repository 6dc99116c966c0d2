# frozen_string_literal: true

require "json"
require_relative "../../sync/interruption"
require_relative "../../sync/outcome"
require_relative "../../sync/writer"
require_relative "../decide/came_to"
require_relative "job_log"
require_relative "look_back"
require_relative "premises"
require_relative "running_jobs"

module CrmSync
  module Organizations
    # Writes changes to Zendesk: creates first, then updates, then marks and unmarks.
    class Writer < Internal::Writer
      # The native side's stages; marks go last, and so do unmarks.
      STAGES = { create: :create, update: :update, mark: :mark, unmark: :mark, undo: :update, redo: :update }.freeze
      # The message about the changes that an interrupted run has sent.
      TAKEN = "Zendesk may have taken more that were sent, and has not said so; the next run looks at all of them again"
      private_constant :STAGES, :TAKEN

      # @param declaration [CrmSync::Organizations::Declaration]
      # @param rules [Hash] for the native side
      # @param codec [CrmSync::Organizations::PlanCodec]
      # @param host [CrmSync::Host]
      # @param lock (see CrmSync::Internal::Writer#initialize)
      # @param history [CrmSync::SyncHistory] keeps the changes
      # @param elsewhere [Absence, nil] looks up accounts that were not read, if the changes were planned in another
      #   process, some time ago
      # @param remember (see CrmSync::Internal::Writer#initialize)
      def initialize(declaration, rules, codec, host, lock:, history:, remember:, elsewhere: nil)
        super(declaration, lock, remember)
        @codec = codec
        @host = host
        @history = history
        @settings = Zendesk.settings(declaration.instance.name)
        @instance = @settings.host
        @jobs = RunningJobs.new(declaration.name, declaration.instance.name)
        @premises = Premises.new(declaration, rules, host, elsewhere:)
        @look_back = LookBack.new(@settings, rules, @premises, CameTo.new(declaration), host)
      end

      # @param changes [Array<CrmSync::Organizations::Change>]
      # @return [Hash] the changes by result: +applied+, +stale+, +done+, +errors+, and +unknown+, which are those among
      #   the errors that may have been written
      # @raise [CrmSync::ConfigurationError] when the settings of the instance have changed since the plan, or a
      #   simulator has been started or stopped
      # @raise [CrmSync::Locked] when the lock has been lost
      # @raise [CrmSync::RemoteError] when the organizations cannot be checked before they are written
      def write(changes)
        check_instance
        @jobs.settle
        moved = @premises.moved(changes)
        outcome = Internal::Outcome.new
        moved.each { |change, why| outcome.settle(change, why) }
        outcome.done(@premises.done(moved))
        @lock.check
        left = changes - moved.keys
        applied = -> { outcome.applied.size }
        Interruption.watch(@declaration.name, planned: left.size, applied:, others: ->(_) { TAKEN }) do
          send_changes(left, outcome)
        end
        remember
        outcome.to_h
      end

      private

      # Refuses a plan for other settings of the instance: while a simulator runs, this gem must not connect to any
      # other host, not even for a plan that was made before.
      def check_instance
        return if @settings.equal?(Zendesk.settings(@declaration.instance.name)) && @instance == @settings.host

        raise ConfigurationError, "the instance is not the one that was planned with: its settings have changed, or " \
                                  "a simulator has been started or stopped since; plan again"
      end

      def send_changes(changes, outcome)
        return if changes.empty?

        @sent = JobLog.new(@history, changes)
        @written = {}.compare_by_identity
        stages = changes.group_by { |change| STAGES.fetch(change.action) }
        stages.default = [].freeze
        writing = start(stages)
        settle(writing, stages, outcome, changes.size)
        in_order_of(changes, outcome)
        @look_back.correct(outcome, @written, @history)
        error = writing.stopped
        outcome.errors << Run::Failure.new(nil, error.class.name, Presentable.text(error.message)) if error
      ensure
        end_of(writing, stages, outcome)
      end

      # Sorts the results in the order of the changes, because the order in which jobs ended is of no interest.
      def in_order_of(changes, outcome)
        places = changes.map(&:key).each_with_index.to_h
        [outcome.applied, outcome.errors].each { |ends| ends.sort_by! { |one| places.fetch(one.key) } }
      end

      # Records what Zendesk has accepted, and what has ended, even if an error or an interrupt ends the run.
      def end_of(writing, stages, outcome)
        events = writing&.stop(@host)
        hear(events, stages, outcome) if events&.any?
      end

      def start(stages)
        creates = stages[:create].map { |change| body(change) }
        rows = ->(stage) { stages[stage].map { |change| [change.organization_id, body(change)] } }
        Native::OrganizationWriting.start(@settings.native, creates, rows.call(:update), rows.call(:mark), @host)
      end

      def body(change)
        JSON.generate(@codec.organization(change.after))
      end

      def settle(writing, stages, outcome, total)
        done = 0
        while (events = writing.next(@host))
          done += hear(events, stages, outcome)
          Progress.report(@declaration.name, :changes, done, total)
          @lock.check
        end
      end

      # @return [Integer] the number of changes that have ended
      def hear(events, stages, outcome)
        @jobs.hear(events)
        ends = events.grep(Native::Finished).map { |item| [stages[item.stage].fetch(item.index), item] }
        ends.each { |change, item| account_for(change, item, outcome) }
        @sent.settle(ends)
        ends.size
      end

      def account_for(change, item, outcome)
        @written[change] = item.id
        return outcome.settle(change, change) if item.outcome == :done

        outcome.unknown << change if item.maybe?

        text = item.holder ? "#{item.message} (organization #{item.holder})" : item.message
        name = [item.reason, item.code].compact.join(" ").presence || item.outcome.to_s
        outcome.errors << Run::Failure.new(change.key, name, Presentable.text(text))
      end
    end
    private_constant :Writer
  end
end
