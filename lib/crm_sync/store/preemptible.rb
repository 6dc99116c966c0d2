# frozen_string_literal: true

module CrmSync
  # Items that are iterated so that the other threads of the process get their turn in between.
  #
  # Only after 0.1 s does Ruby take its lock away from a thread that computes. Until then all other threads wait, such
  # as those of a web server. +Thread.pass+ gives the lock to the thread that has waited longest. If that thread never
  # waits itself, it keeps the lock for 0.1 s in its turn. So a thread that has passed computes as long as that took
  # before it passes again: it gets half of the time, as it would without passing.
  class Preemptible
    include Enumerable

    # The minimum number of seconds that a thread computes between two turns of others.
    LEAST = 0.002
    # The thread-local variable with the time at which the thread passes again.
    NEXT = :crm_sync_passes_next
    private_constant :LEAST, :NEXT

    # Lets other threads have their turn, if this thread has had the lock long enough.
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
