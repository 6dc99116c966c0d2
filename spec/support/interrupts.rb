# frozen_string_literal: true

require "timeout"

# Interrupts a piece of work at one of its moments: at each line and return of this gem, and of what it uses of Rails to
# talk to a database.
#
# Ruby acts on an interrupt at fewer places than these, so what holds here holds there.
module Interrupts
  # A host may send it into a thread. It is not a StandardError, which in a write would count as that record's problem.
  Stop = Class.new(Exception) # rubocop:disable Lint/InheritException

  KINDS = %i[raise kill timeout timeout_with_class ctrl_c].freeze
  LOCKS = "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory'"
  private_constant :LOCKS

  # Waits for PostgreSQL, which takes back the locks of a connection that was given up when it hears of that.
  #
  # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter] another connection
  # @return [Integer] the number of locks that are held all the same
  def self.locks_left(connection)
    deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + 10
    while (left = connection.select_value(LOCKS)).positive?
      return left if Process.clock_gettime(Process::CLOCK_MONOTONIC) > deadline

      sleep 0.005
    end
    left
  end

  # Watches methods. To watch all that runs would make it ten times slower.
  class Watch
    RAILS = %w[ConnectionPool AbstractAdapter PostgreSQLAdapter SQLite3Adapter DatabaseStatements QueryCache
               PostgreSQL::DatabaseStatements SQLite3::DatabaseStatements Savepoints TransactionManager Transaction
               RealTransaction SavepointTransaction RestartParentTransaction].freeze
    # Half of all interrupts are aimed at the code that begins, ends and locks.
    AIMED = %r{/lib/crm_sync/(database|lock)|/abstract/transaction\.rb|/concurrency/load_interlock}

    attr_writer :trigger

    def initialize
      @traces = methods.map do |method|
        TracePoint.new(:line, :return, :b_return) { |point| @trigger&.reached(point) }.tap do |trace|
          trace.enable(target: method)
        rescue ArgumentError
          nil # it is not written in Ruby
        end
      end
    end

    def stop
      @traces.each(&:disable)
    end

    private

    def methods
      modules.flat_map do |mod|
        own = mod.instance_methods(false) + mod.private_instance_methods(false)
        own.map { |name| mod.instance_method(name) } + mod.singleton_methods(false).map { |name| mod.method(name) }
      end
    end

    def modules
      found = []
      walk(CrmSync, found)
      adapters = ActiveRecord::ConnectionAdapters
      rails = RAILS.filter_map { |name| adapters.const_get(name) if adapters.const_defined?(name) }
      found + rails + [ActiveSupport::Concurrency::LoadInterlockAwareMonitor]
    end

    def walk(mod, found)
      return if found.include?(mod)

      found << mod
      mod.constants.map { |name| mod.const_get(name) }.grep(Module).each do |inner|
        walk(inner, found) if inner.to_s.start_with?("CrmSync::")
      end
    end
  end

  # Counts the moments of the thread that runs the block, and interrupts it at the wanted one.
  class Trigger
    # The number of moments; the numbers of those that are worth aiming at; the place of the interrupt.
    attr_reader :count, :aimed, :place

    # @param of [Regexp] the files whose moments count
    def initialize(watch, wanted = nil, of: //, &interrupt)
      @watch = watch
      @of = of
      @wanted = wanted
      @interrupt = interrupt
      @count = 0
      @aimed = []
    end

    def run
      @thread = Thread.current
      @watch.trigger = self
      yield
    ensure
      @watch.trigger = nil
    end

    def reached(point)
      return if @place || Thread.current != @thread || !@of.match?(point.path)

      @count += 1
      @aimed << @count if !@wanted && Watch::AIMED.match?(point.path)
      return unless @count == @wanted

      @place = "#{point.event} #{point.path[%r{(crm_sync|active_\w+)/.*|[^/]*\z}]}:#{point.lineno} #{point.method_id}"
      @interrupt.call
    end
  end

  # Sends interrupts of one kind. Only another thread's are subject to the masks of the one that is hit.
  class Sender
    def initialize(kind)
      @kind = kind
      @wish = Queue.new
      @done = Queue.new
      @thread = Thread.new { @done << deliver(*@wish.pop) }
    end

    # To the thread that calls it.
    def call
      return Process.kill("INT", Process.pid) if @kind == :ctrl_c

      @wish << [Thread.current, @timeout]
      @done.pop
    end

    # Runs the block as a host would that has set a deadline. Timeout without a class leaves it by a throw.
    def around
      return yield unless @kind == :timeout

      ended = true
      expiring do |timeout|
        @timeout = timeout
        yield.tap { ended = false }
      end
      raise Timeout::Error, "execution expired" if ended
    end

    def stop
      @thread.kill.join
    end

    private

    # Catches the end of the time as Ruby's own Timeout.timeout does, which has changed from version to version.
    def expiring(&)
      return Timeout::Error.handle_timeout("execution expired", &) if Timeout::Error.respond_to?(:handle_timeout)

      throwing = defined?(Timeout::ExitException) ? Timeout::ExitException : Timeout::Error
      throwing.catch("execution expired", &)
    end

    def deliver(thread, timeout)
      case @kind
      when :raise then thread.raise(Stop, "stop")
      when :kill then thread.kill
      when :timeout then thread.raise(timeout, "execution expired")
      when :timeout_with_class then thread.raise(Timeout::Error, "execution expired")
      end
    end
  end
end
