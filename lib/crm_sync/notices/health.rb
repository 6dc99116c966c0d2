# frozen_string_literal: true

module CrmSync
  # Remembers when a run of a sync last succeeded, and raises the alarm when that is too long ago.
  class Health
    NAME = "pulse"
    # The minimum number of seconds between two alarms about one outage.
    REPEAT = 86_400
    private_constant :NAME, :REPEAT

    # @param declaration [CrmSync::Internal::Declaration]
    def initialize(declaration)
      @declaration = declaration
      @alarm = declaration.alarm
    end

    # @return [Time, nil] the time of the last success
    def last_success
      success = state.read(NAME)["success"]
      success && Time.at(success)
    end

    # Records that a run has succeeded.
    def succeeded
      state.write(NAME, "success" => now)
    end

    # Raises the alarm if it is due. If no run has succeeded yet, the time counts from the first call of this method.
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

    # Opens the state only when it is needed: a sync without an alarm does not need it at the end of a call.
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
