# frozen_string_literal: true

require_relative "../issue"

module CrmSync
  # Detects that the clock of this machine has jumped since the last run. Budgets, alarms and ages depend on the clock;
  # with a clock that is a day ahead, the budget of a second day could be spent.
  #
  # The clock is compared with the time since this machine was started, which nobody sets. A jump cannot be detected if
  # another machine ran last, if this machine was restarted, or if its system does not count that time.
  class ClockCheck
    # The maximum difference between the two, in seconds; time servers move a clock by less.
    TOLERANCE = 300
    # The name under which the state keeps the clock.
    NAME = "clock"
    BOOT = "/proc/sys/kernel/random/boot_id"
    private_constant :TOLERANCE, :BOOT

    # @param kept [Hash] the result of {#to_h} that the last run kept under {NAME}
    # @return [Array<CrmSync::Issue>] one if the clock has jumped, otherwise none
    def issues(kept)
      jump = seconds(kept)
      return [] unless jump && jump.abs > TOLERANCE

      hours = format("%.1f", jump.abs / 3600.0)
      [Issue.new(kind: :clock, message: "this machine's clock has been put #{jump.positive? ? "forward" : "back"} by " \
                                        "#{hours} hours since the last run; what was spent of the budgets within 24 " \
                                        "hours is counted by that clock, so check it before you allow more")]
    end

    # @return [Hash{String => Hash}] the current clock, to be kept in the state; empty where a jump cannot be detected
    def to_h
      boot ? { NAME => { "boot" => boot, "wall" => self.class.wall, "uptime" => self.class.uptime } } : {}
    end

    # Does not use Time.now, which the specs of a host set to other days.
    # @return [Float] seconds since 1970, by the machine's clock
    def self.wall
      Process.clock_gettime(Process::CLOCK_REALTIME)
    end

    # @return [Float, nil] seconds since the machine was started, including those in which it slept
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
