# frozen_string_literal: true

require "digest"
require_relative "../notices/presentable"
require_relative "database"
require_relative "file_name"
require_relative "private_folder"
require_relative "state"

module CrmSync
  # Allows one run of a sync at a time, or one sending of its write-backs, among all processes that share its database.
  # Nobody waits for the lock, except for a given time, and it is released when its process dies, however that happens.
  #
  # The database or the file system keeps other processes out. In addition, {HeldLocks} keeps out other threads of this
  # process, and lets the thread that holds the lock enter again.
  class Lock
    # Raised when a run has lost its lock: it must not write any more.
    class Lost < Locked
      def initialize
        super("the run has lost its lock: its database connection is another one by now, or the lock file has been " \
              "deleted. Another run may have begun, so nothing more is written; what was written stays, and the next " \
              "run does the rest")
      end
    end

    # Raised when the lock was lost before anything was written, and another run holds it now.
    class Taken < Locked
      # @return [Holder, nil] the process that holds the lock
      attr_reader :holder

      def initialize(holder)
        super("another run of this sync has begun (#{holder || "it is not known whose"})")
        @holder = holder
      end
    end

    # Raised before a lock is acquired that could not be kept, because a pooler gives its session to others as well.
    class Shared < ConfigurationError
      def initialize
        super("the connection to PostgreSQL goes through a pooler that gives each transaction another session, such " \
              "as PgBouncer with pool_mode = transaction, where no process can keep the lock that keeps others out; " \
              "run the sync on a direct connection, or on one in session mode")
      end
    end

    # The number of tries to read the holder, and the seconds between them.
    LOOKS = 200
    PAUSE = 0.01
    # The seconds between two tries to acquire the lock.
    RETRY = 0.05
    private_constant :LOOKS, :PAUSE, :RETRY

    # @param sync_name [String, nil]
    # @param model [Class, nil] the model whose connection writes; +nil+ if there is no database
    # @return [CrmSync::Lock]
    # @raise [CrmSync::ConfigurationError] when crm_sync does not know the database, or the sync has no name
    def self.for(sync_name, model = (StateRow if State.database?))
      unless sync_name
        raise ConfigurationError, "this sync has no name, by which its lock, its state and its history are kept; " \
                                  "assign the class to a constant"
      end

      name = "#{FileName.of(sync_name)}-#{Digest::SHA256.hexdigest(sync_name).first(16)}.lock"
      new(model ? Database.of(model).lock(sync_name, model, name) : File.new(PrivateFolder.state, name))
    end

    # @param sync_name [String]
    # @param model [Class] the model whose connection writes
    # @return [CrmSync::Lock] the lock that is held while write-backs of a sync are sent (see {SendingTurn})
    def self.for_sending(sync_name, model)
      self.for("#{sync_name} sending", model) # no class name has a space, and a partition ends with a bracket
    end

    # @param model [Class] the model whose connection writes
    # @return [CrmSync::Lock] a lock that is always free, for somebody who writes beside a run
    def self.beside(model)
      new(Beside.new(model))
    end

    # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter]
    # @return [Boolean] whether this thread holds a lock that belongs to the connection's session, so that nobody else
    #   can have the session
    def self.keeps?(connection) = HeldLocks.mine.any? { |place| place.keeps?(connection) }

    # @param place [PostgreSQL, File, Memory, Beside] the kind of lock
    def initialize(place)
      @place = place
    end

    # Runs the block while the lock is held.
    #
    # @param held [Proc] is called instead of the block if somebody else holds the lock, with the {Holder} or nil. If
    #   the lock was waited for, the holder's name is not waited for as well
    # @param wait [Numeric] the number of seconds in which the lock may become free
    # @return [Object] the result of the block, or of +held+
    def hold(held:, wait: 0)
      return yield if HeldLocks[@place.key]&.mine?

      Thread.handle_interrupt(Object => :never) do
        own = take_within(wait)
        Thread.handle_interrupt(Object => :immediate) do
          next held.call(holder(wait.zero? ? LOOKS : 1)) unless own

          @place.sign(own.holder)
          yield
        rescue Taken => e
          held.call(e.holder)
        end
      ensure
        begin
          give_back
        ensure
          give_back # Ctrl-C ignores the mask, and may have interrupted the first call
        end
      end
    end

    # Renews the lock after the other side has been read, and before anything is written: in the meantime the database
    # session may have ended, because it was idle or by a pooler. If so, the connection is reopened, and the lock is
    # acquired again.
    #
    # @raise [Taken] when another run holds it now
    def renew
      own = HeldLocks[@place.key]
      return @place.wake unless own&.mine?
      raise Taken, @place.holder || @place.guess unless own.place.renew

      own.place.sign(own.holder)
    end

    # Checks that the lock is held. Called in the transaction of each write, before it writes.
    # @param session [Integer, nil] the database session, if the caller has just queried it
    # @raise [Lost] when the lock is no longer held
    def check(session = nil)
      raise Lost unless HeldLocks[@place.key]&.place&.held?(session)
    end

    private

    # Tries again and again, instead of waiting in the database: a file can be waited for in the same way, and an
    # interrupt ends the pause at once.
    def take_within(seconds)
      give_up_at = clock + seconds
      until (own = take) || clock >= give_up_at
        Thread.handle_interrupt(Object => :immediate) { sleep RETRY }
      end
      own
    end

    def take
      own = HeldLocks.add(@place.key, @place) or return
      return own if @place.take

      HeldLocks.delete(@place.key)
      nil
    end

    # Releases the lock, if the held locks contain it: an interrupt may have come between any two steps of acquiring it,
    # and a forked child has none.
    def give_back
      return unless HeldLocks[@place.key]&.mine?

      @place.release
      HeldLocks.delete(@place.key)
    end

    # Looks for the holder's name, which a process that has just acquired the lock may not have written yet, and which
    # one in a transaction of the host's never writes.
    def holder(looks)
      looks.times do
        found = HeldLocks[@place.key]&.holder || @place.holder
        return found if found

        sleep PAUSE
      end
      @place.guess
    end

    def clock = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end
  private_constant :Lock
end

require_relative "lock/beside"
require_relative "lock/file"
require_relative "lock/held_locks"
require_relative "lock/holder"
