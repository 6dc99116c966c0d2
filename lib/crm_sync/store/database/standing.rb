# frozen_string_literal: true

require_relative "driver"

module CrmSync
  module Database
    # Counts the transactions in which a connection stands, by Rails' word and by the database's own, and finds the way
    # back to that.
    #
    # An interrupt can come between any two steps of Rails': when BEGIN has been sent and Rails does not know it yet, or
    # when Rails has forgotten a transaction whose ROLLBACK has not been sent. Masks do not prevent that, because Rails'
    # lock lets interrupts in again, and because Ctrl-C and what a signal handler raises know no mask. So both sides are
    # compared afterwards, and where they differ the database is asked past Rails. The connection is closed if even that
    # does not bring them together: what the host does next works on another one, or fails where it is in a transaction
    # of its own. Each step is the next one's net, so that an interrupt in the middle of one harms nothing.
    class Standing # rubocop:disable Metrics/ClassLength -- each step is the next one's net, and is read with it
      # Transactions whose time Rails 7.1 and newer takes.
      MEASURED = %w[RealTransaction SavepointTransaction].freeze
      private_constant :MEASURED

      # Closes a connection whose session may hold what nobody knows of, such as a lock. It must not be in a transaction
      # of the host's: what comes next in there would be written outside of it.
      # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter]
      def self.discard(connection)
        Driver.of(connection).close
      ensure
        connection.throw_away!
      end

      # Says what is wrong if the transaction of a connection is not there any more, as one that a statement of a hook
      # has ended: what comes next would be written without one. So it is if a statement has failed in it, and somebody
      # has rescued the error: PostgreSQL would commit nothing without a word. And so if Rails would commit another one
      # in its place: one that was begun in it and not ended, so that ours would stay open and be lost in the end; or
      # the one around ours, if ours was ended by means of Rails.
      # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter] in a transaction
      # @param begun [ActiveRecord::ConnectionAdapters::Transaction] that transaction
      # @return [String, nil]
      def self.problem(connection, begun)
        driver = Driver.of(connection)
        return if driver.closed?

        failure(driver) || (mismatch(begun) unless connection.current_transaction.equal?(begun))
      end

      # @param connection (see .problem)
      # @param begun (see .problem)
      # @return [void]
      # @raise [ActiveRecord::TransactionRollbackError] if there is a {.problem}
      def self.check(connection, begun)
        problem = problem(connection, begun)
        raise ActiveRecord::TransactionRollbackError, problem if problem
      end

      def self.failure(driver)
        return "a statement has ended the transaction before its time" unless driver.open?

        "a statement has failed in the transaction, and its error was rescued: nothing of it is kept" if driver.failed?
      end

      def self.mismatch(begun)
        what = begun.state.completed? ? "ended the transaction before its time" : "left a transaction of its own open"
        "a hook or callback has #{what}"
      end
      private_class_method :failure, :mismatch

      # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter]
      # @param depth [Integer] the number of transactions that Rails knows of
      # @param open [Boolean] whether the database has one open
      # @param ours [Boolean] whether the transaction in which it stands is ours as well (see {#savepoint})
      def initialize(connection, depth: connection.open_transactions, open: Driver.of(connection).open?, ours: false)
        @connection = connection
        @depth = depth
        @open = open
        @ours = ours
        @process = Process.pid
      end

      # A transaction, or a savepoint in the host's (see {Database.transaction}).
      def transaction(&work) # rubocop:disable Naming/BlockForwarding -- Ruby 3.3.0 forbids it in a block
        keep do
          refuse_lost
          @begins = true
          # Rails 7.1 takes no savepoint where nothing has been written yet, so that there would be none to go back to.
          @connection.try(:dirty_current_transaction)
          @begun = @connection.begin_transaction
          @connection.materialize_transactions
          result = Thread.handle_interrupt(Object => :immediate, &work) # rubocop:disable Naming/BlockForwarding
          Standing.check(@connection, @begun)
          check_after_callbacks if @depth.zero?
          # The host's callbacks run in here, and threads that they start inherit the mask: were it +:never+, they could
          # not be ended, and neither could the process.
          Thread.handle_interrupt(Object => :on_blocking) { @connection.commit_transaction }
          result
        end
      end

      # A savepoint in a transaction of ours, whose standing this is. Where the database has ended that transaction
      # meanwhile, the connection is left to its owner, who asks {#kept?}.
      def savepoint(&)
        Standing.new(@connection, ours: true).transaction(&)
      end

      # @return [Boolean] whether the transactions in which it stands are still there, or are lost with the connection:
      #   by some errors SQLite ends them all, and a hook may do so with a statement of its own
      def kept?
        driver.closed? || (stack.size == @depth && driver.open? == open_for_rails?)
      end

      # Runs the block, and goes back to how the connection stood unless it comes to its end.
      def keep
        Thread.handle_interrupt(Object => :never) do
          result = yield
          kept = true
          result
        rescue Exception => e # rubocop:disable Lint/RescueException -- it is raised on
          @error = e
          raise
        ensure
          restore unless kept
        end
      end

      # Goes back to how the connection stood. A forked child leaves it alone: it is its parent's.
      def restore
        Thread.handle_interrupt(Object => :on_blocking) { roll_back } unless forked?
      ensure
        restore_by_force unless forked?
      end

      private

      # Has Rails check once more between the callbacks that it runs before the COMMIT and that. A savepoint in which a
      # statement has failed cannot be released.
      def check_after_callbacks
        connection = @connection
        checked = -> { @commits = true }
        @begun.define_singleton_method(:before_commit_records) do
          super()
          Standing.check(connection, self)
          checked.call
        end
      end

      # Leaves a session that is gone, and the host's transaction with it, to Rails: a savepoint would fail, and the
      # connection would be closed, whose ROLLBACK is an error of the driver's in Rails 7.2.
      def refuse_lost
        return if @depth.zero? || driver.equal?(Driver::Nothing) || !driver.closed?

        raise ActiveRecord::ConnectionNotEstablished, "the session of the host's transaction has been ended"
      end

      def forked?
        @process != Process.pid
      end

      # Rolls back as Rails does, if that is certain to be right. A failure shows in the comparison; and something is
      # on its way to the caller already, which counts more.
      def roll_back
        # A statement that is not ours and is cancelled would take the host's transaction with it.
        @failed = !driver.settle(cancel: ours? || !open_for_rails?) if driver.busy?
        @connection.rollback_transaction if ours?
      rescue *Driver.errors
        nil
      end

      def restore_by_force
        let_rails_begin
        let_rails_end
        return if restored?

        Thread.handle_interrupt(Object => :on_blocking) { take_back } unless driver.closed?
      ensure
        give_up unless restored?
      end

      # Interrupted while it begins what was announced, Rails may take itself for still at it, and begins nothing ever
      # after.
      def let_rails_begin
        manager.instance_variable_set(:@materializing_transactions, false)
      end

      # Interrupted between a BEGIN and the note that it measures the transaction from there on, Rails 7.1 and newer
      # would refuse to end it, and the host's COMMIT would fail.
      def let_rails_end
        measured = stack.select(&:materialized?).select { |one| MEASURED.include?(one.class.name.demodulize) }
        measured.filter_map { |transaction| transaction.instance_variable_get(:@instrumenter) }.each do |measure|
          next if measure.instance_variable_get(:@handle)&.instance_variable_get(:@state) == :started

          measure.instance_variable_set(:@started, false)
          measure.start
        end
      end

      def take_back
        @committed = @commits && !driver.open? && !failed?
        open_for_rails? ? driver.rollback_to("active_record_#{@depth}") : end_transaction
        forget
        @taken_back = true
      rescue *Driver.errors
        nil
      end

      # Returns whether the database has said that what it was asked last did not work.
      def failed?
        @failed || [@error, @error&.cause].any? { |error| Driver.errors.any? { |kind| error.is_a?(kind) } }
      end

      def end_transaction
        driver.rollback if driver.open?
      end

      # Has Rails forget what it has begun since, and what it may have forgotten but for the records in it.
      def forget
        return if unanswered?

        gone = stack.size > @depth ? stack.pop(stack.size - @depth).reverse : [@begun].compact
        gone.reject { |transaction| transaction.state.completed? }.each { |transaction| end_for_rails(transaction) }
      end

      # Returns whether nobody knows if the transaction has been committed: the session is gone, and with it the answer.
      # Rails has forgotten it already, and its state stays open.
      def unanswered? = @commits && !@taken_back && driver.closed? && stack.size <= @depth

      def end_for_rails(transaction)
        return transaction.state.full_commit! if @committed

        @depth.zero? ? transaction.state.full_rollback! : transaction.state.rollback!
        transaction.rollback_records
      end

      def give_up
        driver.close
      ensure
        forget
        @connection.throw_away! unless @open || @depth.positive?
      end

      def restored?
        ended? && stack.size <= @depth && agreed?
      end

      # Returns whether the transaction that was begun is over, or there is none.
      def ended?
        !@begins || @taken_back || @begun&.state&.completed?
      end

      def agreed?
        driver.closed? || (!driver.busy? && (driver.open? == open_for_rails? || (@ours && !driver.open?)))
      end

      # Returns whether the innermost transaction is ours, in Rails and in the database.
      def ours?
        @begun && @connection.current_transaction.equal?(@begun) && @begun.materialized?
      end

      # Returns whether Rails takes a transaction for open that is not ours. One that is only announced is not.
      def open_for_rails?
        @depth.zero? ? @open : stack.first(@depth).any?(&:materialized?)
      end

      # Past Rails' lock.
      def stack
        manager.instance_variable_get(:@stack)
      end

      def manager
        @connection.transaction_manager
      end

      def driver
        Driver.of(@connection)
      end
    end
  end
end
