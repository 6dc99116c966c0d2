# frozen_string_literal: true

module CrmSync
  # Remembers when a run of a sync last succeeded, and raises the alarm when that is too long ago.
  class Health
    NAME = "pulse"
    # The alarm has a name of its own, because another run may succeed while the alarm's block runs.
    ALARM = "alarm"
    # The minimum number of seconds between two alarms about one outage.
    REPEAT = 86_400
    private_constant :NAME, :ALARM, :REPEAT

    # @param declaration [CrmSync::Internal::Declaration]
    def initialize(declaration)
      @declaration = declaration
      @alarm = declaration.alarm
    end

    # @return [Time, nil] the time of the last success
    def last_success
      success = past(state.read(NAME)["success"])
      success && Time.at(success)
    end

    # Records that a run has succeeded.
    def succeeded
      state.write(NAME, "success" => now)
    end

    # Raises the alarm if it is due. If no run has succeeded yet, the time counts from the first call of this method.
    def look
      return unless @alarm

      success, alarm = state.read_all([NAME, ALARM]).then { |kept| [NAME, ALARM].map { |name| kept.fetch(name, {}) } }
      since = past(success["success"]) || past(alarm["since"])
      return state.write(ALARM, "since" => now) unless since
      return unless due?(since, alarm)

      @alarm.block.call(Time.at(since))
      state.write(ALARM, "since" => since, "at" => now)
    end

    private

    # Opens the state only when it is needed: a sync without an alarm does not need it at the end of a call.
    def state
      @state ||= State.of(@declaration)
    end

    # @param alarm [Hash] the last alarm, which may have been about an earlier outage
    def due?(since, alarm)
      last = alarm["at"] if alarm["since"] == since
      now - since >= @alarm.after && (last.nil? || now - last >= [@alarm.after, REPEAT].max)
    end

    # Returns a stored time; nil if it is in the future, because it was stored while a clock was wrong.
    def past(time)
      time if time && time <= now
    end

    def now
      Time.now.to_i
    end
  end
  private_constant :Health
end
