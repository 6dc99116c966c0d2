# frozen_string_literal: true

require "socket"
require_relative "http_relay"

# Runs in a forked child that is killed, by SIGKILL and from outside, at one of its moments: before and after each HTTP
# exchange, each statement that writes to the database, each commit, and each file of the state.
module Killing
  # The moments of one run, in the order in which they came; the child is killed when it has reached the wanted one.
  class Moments
    attr_reader :names, :killed

    def initialize(wanted = nil)
      @wanted = wanted
      @names = []
      @mutex = Mutex.new
    end

    attr_writer :pid

    # Comes back when the child may go on.
    def reached(name)
      @mutex.synchronize do
        next if @killed

        @names << name
        next unless @names.size == @wanted

        @killed = name
        Process.kill("KILL", @pid)
      end
      sleep if @killed # nothing of a dead one goes on
    end
  end

  # In the child: tells the parent, and waits for its word.
  class Teller
    WRITES = /\A\s*(INSERT|UPDATE|DELETE|COMMIT|RELEASE)\b/i

    def initialize(socket)
      @socket = socket
      ActiveSupport::Notifications.subscribe("sql.active_record", self) if defined?(ActiveRecord)
      teller = self
      CrmSync::PrivateFolder.prepend(Module.new do
        define_method(:write) do |name, text|
          teller.tell("before file")
          super(name, text).tap { teller.tell("after file") }
        end
      end)
    end

    # Hears of a statement, as ActiveSupport::Notifications calls its subscribers.
    def start(_name, _id, payload)
      tell("before #{words(payload)}") if payload[:sql].match?(WRITES)
    end

    def finish(_name, _id, payload)
      tell("after #{words(payload)}") if payload[:sql].match?(WRITES)
    end

    def tell(name)
      @socket.puts(name)
      @socket.gets
    end

    private

    def words(payload)
      payload[:sql].split.first(3).join(" ")
    end
  end

  # Runs the block in a child, which is killed at the moment of that number, if any.
  #
  # @return [Moments]
  def in_child(moments, &work) # rubocop:disable Naming/BlockForwarding -- Ruby 3.3.0 forbids it within a block
    # Loads here, once, what each child would load on first use.
    Rails.application.eager_load! if defined?(Rails)
    ours, theirs = UNIXSocket.pair
    pid = fork { run_and_leave(ours, theirs, &work) } # rubocop:disable Naming/BlockForwarding
    moments.pid = pid
    theirs.close
    listener = Thread.new { listen(ours, moments) }
    status = Process.wait2(pid).last
    listener.kill.join
    ours.close
    raise "the child failed: #{status}" unless status.success? || moments.killed

    moments
  end

  private

  def run_and_leave(ours, theirs)
    ours.close
    Teller.new(theirs)
    yield
    exit!(0)
  rescue Exception => e # rubocop:disable Lint/RescueException -- whatever it is, the suite's own hooks must not run here
    warn e.full_message
    exit!(1)
  end

  def listen(socket, moments)
    while (name = socket.gets)
      moments.reached(name.chomp)
      socket.puts
    end
  rescue SystemCallError, IOError
    nil # it is dead
  end
end
