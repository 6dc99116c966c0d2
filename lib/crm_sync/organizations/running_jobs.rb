# frozen_string_literal: true

module CrmSync
  module Organizations
    # The jobs that Zendesk has taken and whose end is not known: a run that is killed leaves them behind, and they go
    # on without it. The next run waits for them, so that no organization is in two jobs at once. Where what is
    # remembered is gone with the disk, as in CI jobs, nothing is waited for; what they have done is then seen in the
    # organizations.
    # @api private
    class RunningJobs
      # How long is waited for one, in seconds, and how long between two questions.
      PATIENCE = 300
      PAUSE = 1
      UNDER_WAY = %w[queued working].freeze
      private_constant :PATIENCE, :PAUSE, :UNDER_WAY

      # @param sync_name [String]
      # @param instance [Symbol]
      def initialize(sync_name, instance)
        @instance = instance
        @key = "jobs at #{Zendesk.settings(instance).host}"
        @state = State.for(sync_name)
        @ids = []
      end

      # Waits until the jobs of a run that was killed have ended.
      # @return [void]
      # @raise [CrmSync::RemoteError]
      def wait
        ids = @state.read(@key).fetch("ids", [])
        return if ids.empty?

        deadline = clock + PATIENCE
        sleep PAUSE while ids.any? { |id| running?(id) } && clock < deadline
        clear
      end

      # @param id [String] of a job that Zendesk has taken
      def add(id)
        @ids << id
        @state.write(@key, "ids" => @ids)
      end

      # When all have ended.
      def clear
        @state.write(@key, "ids" => [])
      end

      # @return [Boolean] whether there is any
      def any?
        @ids.any?
      end

      private

      def running?(id)
        UNDER_WAY.include?(Zendesk.client(@instance).job(id)["status"])
      rescue RemoteError => e
        raise unless e.status == 404 # forgotten: it is long over
      end

      def clock
        Process.clock_gettime(Process::CLOCK_MONOTONIC)
      end
    end
  end
end
