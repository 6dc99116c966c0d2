# frozen_string_literal: true

require_relative "interrupts"

# A host whose call of ours is interrupted, and which goes on writing over its connection afterwards, in a transaction
# of its own or outside of one.
class InterruptedHost
  # The way in which it called, where the interrupt came, what the host saw of it and of its own transaction, whether it
  # has another connection now, and what is wrong.
  Result = Struct.new(:kind, :way, :place, :seen, :refused, :lost, :wrong, keyword_init: true) do
    def outcome
      return "not reached" unless place
      return "the host's transaction failed" if refused

      lost ? "on a new connection" : "as before"
    end

    def to_s
      "#{kind} #{way} (#{place}), of which the host saw #{[seen, refused].inspect}"
    end
  end

  # @param row [User] the row that it writes
  # @param look [Proc] finds the row's columns through another connection
  def initialize(row, look)
    @row = row
    @look = look
    @number = 0
    @before = [row.first_name, row.last_name]
  end

  # @param nested [Boolean] whether the call is in a transaction of the host's
  # @param lazy [Boolean] whether its connection announces transactions before it begins them, as Rails does by default
  def call(kind, trigger, sender, nested:, lazy:, &work)
    @number += 1
    @result = Result.new(kind:, way: { nested:, lazy: }, wrong: [])
    in_thread_for(kind) do
      connection = User.connection
      lazy ? connection.enable_lazy_transactions! : connection.disable_lazy_transactions!
      nested ? in_transaction(trigger, sender, &work) : alone(trigger, sender, &work)
    end
    look_at_rows(kind, nested)
    @result.tap { |result| result.place = trigger.place }
  end

  private

  # Ctrl-C comes to the main thread, which has to be the one that runs the specs. Only there do signals come.
  def in_thread_for(kind, &)
    return with_default_handler(&) if kind == :ctrl_c

    Thread.new do
      Thread.current.report_on_exception = false
      ActiveRecord::Base.connection_pool.with_connection { yield } # rubocop:disable Style/ExplicitBlockArgument
    end.join
  end

  def with_default_handler
    before = trap("INT", "DEFAULT")
    yield
  ensure
    trap("INT", before)
  end

  def alone(trigger, sender, &)
    write(:first_name)
    interrupted(trigger, sender, &)
  end

  def in_transaction(trigger, sender, &work) # rubocop:disable Naming/BlockForwarding -- Ruby 3.3.0 forbids it in a block
    User.transaction do
      write(:first_name)
      interrupted(trigger, sender, &work) # rubocop:disable Naming/BlockForwarding
    end
  rescue StandardError => e
    @result.refused = e
  end

  # Goes on in ensure, which a thread that is killed runs as well.
  def interrupted(trigger, sender, &work) # rubocop:disable Naming/BlockForwarding -- likewise
    before = User.connection
    sender.around { trigger.run(&work) } # rubocop:disable Naming/BlockForwarding
  rescue Interrupts::Stop, Timeout::Error, Interrupt => e
    @result.seen = e
  ensure
    go_on(before)
  end

  def go_on(before)
    compare(User.connection)
    @result.lost = !before.equal?(User.connection)
    write(:last_name)
  rescue ActiveRecord::ActiveRecordError => e
    @result.wrong << "the host cannot write: #{e.message}"
  end

  # Rails' word and the database's.
  def compare(connection)
    raw = connection.instance_variable_get(:@raw_connection) || connection.instance_variable_get(:@connection)
    states = state(raw)
    known = connection.current_transaction.then { |transaction| transaction.open? && transaction.materialized? }
    @result.wrong << "the database says #{states}, Rails #{known}" unless states == known
  end

  def state(raw)
    return false if raw.nil? # Rails has not connected again yet

    raw.respond_to?(:transaction_status) ? postgresql(raw) : raw.transaction_active?
  end

  def postgresql(raw)
    { PG::PQTRANS_IDLE => false, PG::PQTRANS_INTRANS => true }.fetch(raw.transaction_status, raw.transaction_status)
  end

  # Of a thread that is killed, Rails takes transactions back.
  def write(column)
    # No lambda: Rails 7.2 gives the block its transaction.
    work = proc { User.where(id: @row.id).update_all(column => "#{column} #{@number}") }
    Thread.current.status == "aborting" ? work.call : User.transaction(requires_new: true, &work)
  end

  def look_at_rows(kind, nested)
    found = @look.call(@row.id)
    all = ["first_name #{@number}", "last_name #{@number}"]
    whole = @result.refused || (nested && kind == :kill) ? [all, @before] : [all]
    @result.wrong << "of the host's writes there are #{found}" unless whole.include?(found)
    @before = found
  end
end
