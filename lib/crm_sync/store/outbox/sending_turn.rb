# frozen_string_literal: true

require_relative "../../notices/log"
require_relative "../lock"

module CrmSync
  # The turn to send write-backs of a sync, which one run or call has at a time: otherwise a row could be sent twice, or
  # an old value after a newer one. It is not the lock of a run, because a call for one user sends beside runs.
  class SendingTurn
    # Seconds for which a run waits for its turn, mostly until a call for one user has sent its rows.
    RUN_WAIT = 30.0
    # Seconds for which a call for one user waits, mostly for another such call. A request of the app waits with it, and
    # a run may send for minutes.
    CALL_WAIT = 1.0

    # @param sync_name [String]
    # @param model [Class] the model whose connection writes
    # @param one_user [Boolean] whether this is a call for one user
    def initialize(sync_name, model, one_user:)
      @sync_name = sync_name
      @lock = Lock.for_sending(sync_name, model)
      @one_user = one_user
    end

    # Waits for the turn, and runs the block. If the turn does not come in time, or the connection cannot keep a lock,
    # the rows are left to the next run.
    #
    # @yieldparam lock [CrmSync::Lock] the lock without which nothing may be sent
    # @yieldreturn [Array<Run::Failure>]
    # @return [Array<Run::Failure>]
    def take
      @lock.hold(wait: @one_user ? CALL_WAIT : RUN_WAIT, held: method(:taken)) { yield @lock }
    rescue Lock::Shared => e
      leave(e.message)
    end

    private

    def taken(holder)
      leave("somebody else is sending some of this sync (#{holder || "it is not known who"})")
    end

    # Says that rows are left to the next run. In a call for one user this is no failure: it is usual while a run sends.
    def leave(why)
      text = "write-backs wait for the next run: #{why}"
      return [Run::Failure.new(nil, Locked.name, text)] unless @one_user

      Log.new(@sync_name).info(text)
      []
    end
  end
  private_constant :SendingTurn
end
