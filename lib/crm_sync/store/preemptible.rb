# frozen_string_literal: true

module CrmSync
  # Items that are walked so that the other threads of the process get their turn in between.
  #
  # Ruby takes its lock away from a thread that computes only after 0.1 s, for which all others wait, such as those of a
  # web server. +Thread.pass+ hands it to the one that has waited longest. If that one never waits, it keeps the lock
  # for 0.1 s in its turn, so whoever has passed computes as long as that took before it passes again: it has half of
  # the time, as it would have without passing.
  class Preemptible
    include Enumerable

    # Seconds that a thread computes at least between two turns of others.
    LEAST = 0.002
    # The name under which a thread has the moment from which it passes again.
    NEXT = :crm_sync_passes_next
    private_constant :LEAST, :NEXT

    # Lets other threads have their turn, if this one has had the lock for long enough.
    # @return [void]
    def self.pass
      now = clock
      return if now < Thread.current[NEXT].to_f

      Thread.pass
      done = clock
      Thread.current[NEXT] = done + [done - now, LEAST].max
    end

    def self.clock = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    private_class_method :clock

    # @param items [Enumerable]
    def initialize(items)
      @items = items
    end

    # @yieldparam item [Object] each item
    # @return [void]
    def each
      @items.each do |item|
        yield item
        Preemptible.pass
      end
    end
  end
  private_constant :Preemptible
end
