# frozen_string_literal: true

module CrmSync
  # Runs code of the host that an interrupt must not hit, and that must not delay an interrupt either.
  #
  # Ruby's Logger takes everything that is raised while it writes a line for a failed write, and reports it as such: an
  # interrupt at that moment is lost, and the work that it was to end goes on. Masking interrupts is no solution.
  # Ctrl-C, and exceptions that a signal handler raises, ignore the mask; and under a mask nobody could end a device
  # that accepts no more data (a full pipe, a log server that is not reachable). So the work is done by a thread that
  # nobody else knows. Interrupts reach the thread that waits for it, which acts on them at once. This costs two thread
  # switches for each line, and lines are few.
  module Aside
    class << self
      # @return [Object] the result of the block; an error or a throw of the block is passed on to the caller
      def run(&work) # rubocop:disable Naming/BlockForwarding -- Ruby 3.3.0 forbids it within a block
        caller = Thread.current
        state = keeper&.active_support_execution_state
        process = Process.pid
        over = started = nil
        # Without this, the thread would inherit the mask of a caller that has masked interrupts.
        thread = Thread.new do
          started = Thread.current
          next if over # an interrupt came before the caller knew this thread

          outcome = Thread.handle_interrupt(Object => :immediate) { outcome_of(caller, state, &work) } # rubocop:disable Naming/BlockForwarding
          process == Process.pid ? outcome : end_child(*outcome)
        end
        how, what = thread.value
        pass_on(how, what)
      ensure
        over = true
        started&.kill
      end

      private

      # Rescues errors here, because a host whose threads abort on exceptions would raise them in its main thread.
      def outcome_of(caller, state)
        inherit(caller, state)
        [:gives, yield]
      rescue UncaughtThrowError => e
        [:throws, e]
      rescue Exception => e # rubocop:disable Lint/RescueException -- it is raised again, where it belongs
        [:raises, e]
      end

      # Ends a child process that the block forked. This is its only thread: the one that waits for the result does not
      # exist in the child.
      def end_child(how, what)
        Thread.current.report_on_exception = true # nobody else can report it
        raise what if how == :raises

        raise InternalError, "a process that was forked while crm_sync wrote a log line cannot go on with what its " \
                             "parent has under way; use fork with a block, or leave with exit!"
      end

      # Copies the data that tagged loggers and the like keep for each thread, as Rails does for threads that stream.
      # Its own method for that, +share_with+, takes a block from Rails 8.1 on, and none before.
      def inherit(caller, state)
        keys = caller.keys
        keys.each { |key| Thread.current[key] = caller[key] }
        caller.thread_variables.each { |key| Thread.current.thread_variable_set(key, caller.thread_variable_get(key)) }
        keeper.active_support_execution_state = state.dup if state
      end

      # Returns where Rails 7.0 and newer keep the data: the thread, or the fiber if the app has chosen so.
      def keeper
        return unless defined?(ActiveSupport::IsolatedExecutionState)

        ActiveSupport::IsolatedExecutionState.isolation_level == :fiber ? Fiber.current : Thread.current
      end

      def pass_on(how, what)
        case how
        when :throws then throw(what.tag, what.value)
        when :raises then raise what
        else what
        end
      end
    end
  end
  private_constant :Aside
end
