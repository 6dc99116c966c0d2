# frozen_string_literal: true

module CrmSync
  # Runs something of the host's that must not be hit by an interrupt, and must not hold one up either.
  #
  # Ruby's Logger takes whatever is raised while it writes a line for a failure to write, and says so: an interrupt that
  # comes just then is lost, and what it was to end goes on. A mask is no help. Ctrl-C and what a signal handler raises
  # know none; and under a mask, a device that takes no more (a full pipe, a log server that is away) could not be ended
  # by anybody. So the work is done by a thread that nobody knows of: interrupts come to the one that waits for it, and
  # it acts on them at once. It costs two switches of threads for a line, of which there are few.
  module Aside
    class << self
      # @return [Object] the result of the block; an error or a throw of the block goes on to the caller
      def run(&work) # rubocop:disable Naming/BlockForwarding -- Ruby 3.3.0 forbids it within a block
        caller = Thread.current
        process = Process.pid
        over = started = nil
        # Threads inherit the mask of a caller that has masked interrupts.
        thread = Thread.new do
          started = Thread.current
          next if over # an interrupt came before the caller knew this thread

          outcome = Thread.handle_interrupt(Object => :immediate) { outcome_of(caller, &work) } # rubocop:disable Naming/BlockForwarding
          process == Process.pid ? outcome : end_child(*outcome)
        end
        how, what = thread.value
        pass_on(how, what)
      ensure
        over = true
        started&.kill
      end

      private

      # Caught in here, or a host that has threads abort on exceptions would see it raised in its main thread.
      def outcome_of(caller)
        inherit(caller)
        [:gives, yield]
      rescue UncaughtThrowError => e
        [:throws, e]
      rescue Exception => e # rubocop:disable Lint/RescueException -- it is raised again, where it belongs
        [:raises, e]
      end

      # Ends a child that the block forked, in which this thread is the only one: whoever waits for it is not there.
      def end_child(how, what)
        Thread.current.report_on_exception = true # nobody else can say it
        raise what if how == :raises

        raise InternalError, "a process that was forked while crm_sync wrote a log line cannot go on with what its " \
                             "parent has under way; use fork with a block, or leave with exit!"
      end

      # Copies what tagged loggers and their like keep for a thread, as Rails does for one that streams.
      def inherit(caller)
        keys = caller.keys
        keys.each { |key| Thread.current[key] = caller[key] }
        caller.thread_variables.each { |key| Thread.current.thread_variable_set(key, caller.thread_variable_get(key)) }
        ActiveSupport::IsolatedExecutionState.share_with(caller) if defined?(ActiveSupport::IsolatedExecutionState)
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
