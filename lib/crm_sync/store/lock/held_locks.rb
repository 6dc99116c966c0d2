# frozen_string_literal: true

module CrmSync
  class Lock
    # The locks that this process holds.
    module HeldLocks
      # A lock, and the thread that holds it.
      HeldLock = Struct.new(:place, :thread, :holder) do
        # @return [Boolean] whether the current thread holds the lock
        def mine?
          thread == Thread.current
        end
      end

      @held = {}
      @mutex = Mutex.new

      class << self
        # @param key [Object] identifies the lock
        # @return [HeldLock, nil]
        def [](key)
          @mutex.synchronize { @held[key] }
        end

        # @return [HeldLock, nil] nil if a thread of this process holds the lock already
        def add(key, place)
          @mutex.synchronize do
            @held[key] = HeldLock.new(place, Thread.current, Holder.here) unless @held.key?(key)
          end
        end

        # @return [HeldLock, nil] the lock that was held
        def delete(key)
          @mutex.synchronize { @held.delete(key) }
        end

        # @return [Array<PostgreSQL, File, Memory, Beside>] the locks that the current thread holds
        def mine = @mutex.synchronize { @held.each_value.select(&:mine?).map(&:place) }

        # Forgets all locks in a forked child, which holds none. It must also close those of its parent, which would
        # otherwise stay locked when the parent is killed.
        def forget
          @held.each_value { |held| held.place.forget }
          @held.clear
        end
      end

      # Overrides the method that Ruby provides for code to run in forked children.
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
