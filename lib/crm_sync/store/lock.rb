# frozen_string_literal: true

require "digest"
require_relative "../notices/presentable"
require_relative "database"
require_relative "file_name"
require_relative "private_folder"
require_relative "state"

module CrmSync
  # Lets one run of a sync in at a time, of all that share its database. Nobody waits for it, and it goes when its
  # process dies, however that happens.
  #
  # The database or the file system keeps others out. Beside that, {HeldLocks} keep out other threads of this process,
  # and let the thread that has the lock in again.
  class Lock
    # A run that has lost its lock must not go on writing.
    class Lost < Locked
      def initialize
        super("the run has lost its lock: its database connection is another one by now, or the lock file has been " \
              "deleted. Another run may have begun, so nothing more is written; what was written stays, and the next " \
              "run does the rest")
      end
    end

    # The lock was lost while nothing had been written, and another run has it now.
    class Taken < Locked
      # @return [Holder, nil] the process that has it
      attr_reader :holder

      def initialize(holder)
        super("another run of this sync has begun (#{holder || "it is not known whose"})")
        @holder = holder
      end
    end

    # The number of looks for what the holder writes down, and the seconds between them.
    LOOKS = 200
    PAUSE = 0.01
    private_constant :LOOKS, :PAUSE

    # @param sync_name [String, nil]
    # @param model [Class, nil] whose connection writes; +nil+ where there is no database
    # @return [CrmSync::Lock]
    # @raise [CrmSync::ConfigurationError] for a database that crm_sync does not know, and for a sync without a name
    def self.for(sync_name, model = (StateRow if State.database?))
      unless sync_name
        raise ConfigurationError, "this sync has no name, by which its lock, its state and its history are kept; " \
                                  "assign the class to a constant"
      end

      name = "#{FileName.of(sync_name)}-#{Digest::SHA256.hexdigest(sync_name).first(16)}.lock"
      new(model ? Database.for(model.connection).lock(sync_name, model, name) : File.new(PrivateFolder.state, name))
    end

    # @param model [Class] whose connection writes
    # @return [CrmSync::Lock] one that anybody has at any time, for who writes beside a run
    def self.beside(model)
      new(Beside.new(model))
    end

    # @param place [PostgreSQL, File, Memory, Beside] the place of the lock
    def initialize(place)
      @place = place
    end

    # Runs the block while nobody else can.
    #
    # @param held [Proc] is called in the block's stead when somebody else has the lock, with the {Holder} or nil
    # @return [Object] the result of the block, or of +held+
    def hold(held:)
      return yield if HeldLocks[@place.key]&.mine?

      Thread.handle_interrupt(Object => :never) do
        own = take
        Thread.handle_interrupt(Object => :immediate) do
          next held.call(holder) unless own

          @place.sign(own.holder)
          yield
        rescue Taken => e
          held.call(e.holder)
        end
      ensure
        begin
          give_back
        ensure
          give_back # Ctrl-C knows no mask, and may have come in between
        end
      end
    end

    # Renews the lock when the other side has been read, and before anything is written: meanwhile the database session
    # may have been ended, because it was idle or by a pooler. The connection is opened anew then, and the lock taken
    # anew.
    #
    # @raise [Taken] when another run has taken it
    def renew
      own = HeldLocks[@place.key]
      return @place.wake unless own&.mine?
      raise Taken, @place.holder || @place.guess unless own.place.renew

      own.place.sign(own.holder)
    end

    # Checks that the lock is held; called in the transaction of each write, before it writes.
    # @param session [Integer, nil] the database session, where it has just been asked for
    # @raise [Lost] when the lock is not held any more
    def check(session = nil)
      raise Lost unless HeldLocks[@place.key]&.place&.held?(session)
    end

    private

    def take
      own = HeldLocks.add(@place.key, @place) or return
      return own if @place.take

      HeldLocks.delete(@place.key)
      nil
    end

    # Asks the held locks whether there is something to give back, because an interrupt may have come between any two
    # steps of taking it, and a forked child has none.
    def give_back
      return unless HeldLocks[@place.key]&.mine?

      @place.release
      HeldLocks.delete(@place.key)
    end

    # Waits a moment for the name: a holder that has just got the lock may not have written it down yet.
    def holder
      LOOKS.times do
        found = HeldLocks[@place.key]&.holder || @place.holder
        return found if found

        sleep PAUSE
      end
      @place.guess
    end
  end
  private_constant :Lock
end

require_relative "lock/beside"
require_relative "lock/file"
require_relative "lock/held_locks"
require_relative "lock/holder"
