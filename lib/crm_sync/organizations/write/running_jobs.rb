# frozen_string_literal: true

module CrmSync
  module Organizations
    # Remembers the jobs that Zendesk has accepted and whose end is not known: a run that is killed, or gives a job up,
    # leaves them behind, and they go on without it. Later runs wait for them, so that no organization is in two jobs at
    # once. If this memory is lost with the disk, as in CI jobs, no run waits; the results of the jobs are then seen in
    # the organizations.
    class RunningJobs
      # The maximum number of seconds that a run waits for jobs, and the seconds between two requests.
      PATIENCE = 300
      PAUSE = 1
      # A job in any other state may still be running, as it is for the run that sent it.
      ENDED = %w[completed failed killed].freeze
      private_constant :PATIENCE, :PAUSE, :ENDED

      # @param sync_name [String]
      # @param instance [Symbol]
      def initialize(sync_name, instance)
        @instance = instance
        @key = "jobs at #{Zendesk.settings(instance).host}"
        @state = State.for(sync_name)
        @items = {}
      end

      # Waits until the jobs of earlier runs have ended, for at most five minutes. Forgets none of them, because another
      # run may be using the list.
      # @return [Array<String>] the ids of the jobs that are still running
      # @raise [CrmSync::RemoteError]
      def wait
        deadline = clock + PATIENCE
        running = ids.select { |id| running?(id) }
        while running.any? && clock < deadline
          sleep PAUSE
          running = running.select { |id| running?(id) }
        end
        running
      end

      # Waits likewise, and forgets the jobs that have ended; only for a run that holds the lock.
      # @return [void]
      # @raise (see #wait)
      def settle
        return if ids.empty?

        @left = wait
        keep
      end

      # Records the events of a write batch: jobs that were accepted, and items that have ended.
      # @param events [Array<CrmSync::Native::Accepted, CrmSync::Native::Finished>]
      # @return [void]
      def hear(events)
        before = @items.keys
        events.each { |event| event.is_a?(Native::Accepted) ? accept(event) : forget(event) }
        keep if @items.keys != before
      end

      private

      def accept(event)
        @items[event.job] = event.indexes.map { |index| [event.stage, index] }
      end

      # Keeps the job of an item whose end is not known, because the job may still be running.
      def forget(item)
        return if item.outcome == :unknown

        @items.each_value { |items| items.delete([item.stage, item.index]) }
        @items.delete_if { |_, items| items.empty? }
      end

      def ids
        @state.read(@key).fetch("ids", [])
      end

      def keep
        @state.write(@key, "ids" => [*@left, *@items.keys])
      end

      def running?(id)
        !ENDED.include?(Zendesk.client(@instance).job(id)["status"])
      rescue RemoteError => e
        raise unless e.status == 404 # forgotten: it ended long ago
      end

      def clock
        Process.clock_gettime(Process::CLOCK_MONOTONIC)
      end
    end
    private_constant :RunningJobs
  end
end
