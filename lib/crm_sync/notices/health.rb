# frozen_string_literal: true

module CrmSync
  # Knows when a run of a sync succeeded last, and raises the alarm when that is too long ago.
  class Health
    NAME = "pulse"
    # Seconds between two alarms of one outage, at least.
    REPEAT = 86_400
    private_constant :NAME, :REPEAT

    # @param declaration [CrmSync::Internal::Declaration]
    def initialize(declaration)
      @declaration = declaration
      @alarm = declaration.alarm
    end

    # @return [Time, nil]
    def last_success
      success = state.read(NAME)["success"]
      success && Time.at(success)
    end

    # Keeps that a run has succeeded.
    def succeeded
      state.write(NAME, "success" => now)
    end

    # Raises the alarm, if it is time. The time counts from the first look if no run has succeeded yet.
    def look
      return unless @alarm

      kept = state.read(NAME)
      since = kept["success"] || kept["started"]
      return state.write(NAME, "started" => now) unless since
      return unless due?(since, kept["alarmed"])

      @alarm.block.call(Time.at(since))
      state.write(NAME, kept.merge("alarmed" => now))
    end

    private

    # Looked for when it is needed: who has declared no alarm needs none at the end of a run.
    def state
      @state ||= State.of(@declaration)
    end

    def due?(since, alarmed)
      now - since >= @alarm.after && (alarmed.nil? || now - alarmed >= [@alarm.after, REPEAT].max)
    end

    def now
      Time.now.to_i
    end
  end
  private_constant :Health
end
