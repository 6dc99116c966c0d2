# frozen_string_literal: true

require_relative "../issue"

module CrmSync
  # Tells that this machine's clock has jumped since the last run. Budgets, alarms and ages go by it, and a clock that
  # is a day ahead lets a second day's budget through.
  #
  # The clock is held against the time since this machine was started, which nobody sets. A jump cannot be seen if
  # another machine ran last, this one was started anew, or its system does not count that time.
  class ClockCheck
    # The seconds by which the two may part; time servers move a clock by less.
    TOLERANCE = 300
    # The name under which it is kept.
    NAME = "clock"
    BOOT = "/proc/sys/kernel/random/boot_id"
    private_constant :TOLERANCE, :BOOT

    # @param kept [Hash] what was kept of {#to_h} by the last run
    # @return [Array<CrmSync::Issue>] one where the clock has jumped, otherwise none
    def issues(kept)
      jump = seconds(kept)
      return [] unless jump && jump.abs > TOLERANCE

      hours = format("%.1f", jump.abs / 3600.0)
      [Issue.new(kind: :clock, message: "this machine's clock has been put #{jump.positive? ? "forward" : "back"} by " \
                                        "#{hours} hours since the last run; what was spent of the budgets within 24 " \
                                        "hours is counted by that clock, so check it before you allow more")]
    end

    # @return [Hash{String => Hash}] where the clock stands, to be kept in the state
    def to_h
      boot ? { NAME => { "boot" => boot, "wall" => self.class.wall, "uptime" => self.class.uptime } } : {}
    end

    # Not Time.now, which a host's specs set to another day.
    # @return [Float] seconds since 1970, by the machine's clock
    def self.wall
      Process.clock_gettime(Process::CLOCK_REALTIME)
    end

    # @return [Float, nil] seconds since the machine was started, those in which it slept included
    def self.uptime
      Process.clock_gettime(Process::CLOCK_BOOTTIME) if defined?(Process::CLOCK_BOOTTIME)
    end

    private

    def seconds(kept)
      return unless boot && kept["boot"] == boot

      (self.class.wall - kept["wall"]) - (self.class.uptime - kept["uptime"])
    end

    def boot
      @boot ||= (File.read(BOOT).strip if self.class.uptime && File.readable?(BOOT))
    end
  end
  private_constant :ClockCheck
end
