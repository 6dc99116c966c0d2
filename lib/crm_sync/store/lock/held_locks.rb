# frozen_string_literal: true

module CrmSync
  class Lock
    # The locks that this process has.
    module HeldLocks
      # A lock, and the thread that has it.
      HeldLock = Struct.new(:place, :thread, :holder) do
        # @return [Boolean] whether this thread has it
        def mine?
          thread == Thread.current
        end
      end

      @held = {}
      @mutex = Mutex.new

      class << self
        # @param key [Object] the object that tells one lock from another
        # @return [HeldLock, nil]
        def [](key)
          @mutex.synchronize { @held[key] }
        end

        # @return [HeldLock, nil] nothing where a thread of this process has it already
        def add(key, place)
          @mutex.synchronize do
            @held[key] = HeldLock.new(place, Thread.current, Holder.here) unless @held.key?(key)
          end
        end

        # @return [HeldLock, nil] the one that was there
        def delete(key)
          @mutex.synchronize { @held.delete(key) }
        end

        # A forked child has no lock. Nor may it keep its parent's open, which would stay locked when the parent is
        # killed.
        def forget
          @held.each_value { |held| held.place.forget }
          @held.clear
        end
      end

      # Ruby's own place for what has to be done in children.
      module Forks
        # @return [Integer] 0 in the child
        def _fork
          super.tap { |pid| HeldLocks.forget if pid.zero? }
        end
      end
      Process.singleton_class.prepend(Forks)
    end
    private_constant :HeldLocks
  end
end
