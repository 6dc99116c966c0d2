# frozen_string_literal: true

require_relative "driver"

module CrmSync
  module Database
    # Counts the transactions in which a connection stands, as Rails and as the database see them, and restores that
    # state.
    #
    # An interrupt can come between any two steps of Rails: when BEGIN has been sent and Rails does not know it yet, or
    # when Rails has forgotten a transaction whose ROLLBACK has not been sent. Masks do not prevent that, because Rails'
    # lock lets interrupts in again, and because masks do not apply to Ctrl-C and to what a signal handler raises. So
    # both sides are compared afterwards, and where they differ the driver is called directly. If even that does not
    # make them agree, the connection is closed: the host's next statement uses another connection, or fails if it is in
    # a transaction of the host's own. Each step is the safety net of the one before, so that an interrupt in the middle
    # of one does no harm.
    class Standing # rubocop:disable Metrics/ClassLength -- its steps belong together
      # The transactions whose duration Rails 7.1 and newer measures.
      MEASURED = %w[RealTransaction SavepointTransaction].freeze
      private_constant :MEASURED

      # Closes a connection whose session may hold something unknown, such as a lock. The connection must not be in a
      # transaction of the host's: the host's next statements would be executed outside of it.
      # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter]
      def self.discard(connection)
        Driver.of(connection).close
      ensure
        connection.throw_away!
      end

      # Returns why later statements would not be part of the transaction, or would not be kept; nil if they would.
      # There are three reasons:
      #
      # - The transaction is not there any more, because a statement of a hook has ended it. Later statements would be
      #   executed without a transaction.
      # - A statement has failed in it, and the error was rescued. PostgreSQL would commit nothing, without an error.
      # - Rails would commit another transaction in its place: one that was begun in it and not ended, so that this one
      #   would stay open and be lost in the end; or the one around it, if this one was ended by means of Rails.
      #
      # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter] a connection in a transaction
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
      # @param open [Boolean] whether a transaction is open in the database
      # @param ours [Boolean] whether the transaction in which the connection stands is the sync's as well (see
      #   {#savepoint})
      def initialize(connection, depth: connection.open_transactions, open: Driver.of(connection).open?, ours: false)
        @connection = connection
        @depth = depth
        @open = open
        @ours = ours
        @process = Process.pid
      end

      # Runs the block in a transaction, or in a savepoint in the host's (see {Database.transaction}).
      # @param joinable [Boolean] whether a transaction of Rails' in the block is part of this one, or has a savepoint
      # @param isolation [Symbol, nil] the isolation as Rails names it; nil for the default, and for a savepoint
      def transaction(joinable: true, isolation: nil, &work)
        keep do
          refuse_lost
          @begins = true
          # Rails 7.1 makes no savepoint if nothing has been written yet, so that there would be none to roll back to.
          @connection.try(:dirty_current_transaction)
          @begun = @connection.begin_transaction(joinable:, isolation:)
          @connection.materialize_transactions
          result = Thread.handle_interrupt(Object => :immediate, &work)
          Standing.check(@connection, @begun)
          check_after_callbacks if @depth.zero?
          # The host's callbacks run in here, and threads that they start inherit the mask. With +:never+, they could
          # not be ended, and neither could the process.
          Thread.handle_interrupt(Object => :on_blocking) { @connection.commit_transaction }
          result
        end
      end

      # Runs the block in a savepoint in a transaction of the sync's, whose standing this is. If the database has ended
      # that transaction meanwhile, the connection is left to its owner, who checks {#kept?}.
      def savepoint(&)
        Standing.new(@connection, ours: true).transaction(&)
      end

      # @return [Boolean] whether the transactions in which the connection stands are still there, or are lost with the
      #   connection: after some errors SQLite ends them all, and a hook may do so by a statement of its own
      def kept?
        driver.closed? || (stack.size == @depth && driver.open? == open_for_rails?)
      end

      # Runs the block, and restores how the connection stood if the block does not return.
      def keep
        Thread.handle_interrupt(Object => :never) do
          result = yield
          kept = true
          result
        rescue Exception => e # rubocop:disable Lint/RescueException -- it is raised again
          @error = e
          raise
        ensure
          restore unless kept
        end
      end

      # Restores how the connection stood. A forked child leaves the connection alone, because it belongs to the parent.
      def restore
        Thread.handle_interrupt(Object => :on_blocking) { roll_back } unless forked?
      ensure
        restore_by_force unless forked?
      end

      private

      # Makes Rails check again after the callbacks that it runs before the COMMIT. A savepoint does not need this,
      # because one in which a statement has failed cannot be released.
      def check_after_callbacks
        connection = @connection
        checked = -> { @commits = true }
        @begun.define_singleton_method(:before_commit_records) do
          super()
          Standing.check(connection, self)
          checked.call
        end
      end

      # Raises an error if the session is gone, and the host's transaction with it, which leaves both to Rails. A
      # savepoint would fail, and then the connection would be closed, on which a ROLLBACK is an error of the driver in
      # Rails 7.2.
      def refuse_lost
        return if @depth.zero? || driver.equal?(Driver::Nothing) || !driver.closed?

        raise ActiveRecord::ConnectionNotEstablished, "the session of the host's transaction has been ended"
      end

      def forked?
        @process != Process.pid
      end

      # Rolls back as Rails does, if that is certain to be right. A failure shows when both sides are compared; it is
      # not raised, because another error is on its way to the caller already, and matters more.
      def roll_back
        # Cancelling a statement that is not the sync's would end the host's transaction.
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

      # If Rails is interrupted while it begins a transaction that was announced, it may believe that it is still doing
      # so, and never begin one again.
      def let_rails_begin
        manager.instance_variable_set(:@materializing_transactions, false)
      end

      # If Rails 7.1 or newer is interrupted between a BEGIN and the note that it measures the transaction from there
      # on, it refuses to end the transaction, and the host's COMMIT would fail.
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

      # Returns whether the database has reported that the last operation failed.
      def failed?
        @failed || [@error, @error&.cause].any? { |error| Driver.errors.any? { |kind| error.is_a?(kind) } }
      end

      def end_transaction
        driver.rollback if driver.open?
      end

      # Makes Rails forget what it has begun since, and a transaction that it may have forgotten except for the records
      # in it.
      def forget
        return if unanswered?

        gone = stack.size > @depth ? stack.pop(stack.size - @depth).reverse : [@begun].compact
        gone.reject { |transaction| transaction.state.completed? }.each { |transaction| end_for_rails(transaction) }
      end

      # Returns whether it is unknown if the transaction was committed: the session is gone, and the answer with it.
      # Rails has forgotten the transaction already, and its state stays open.
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

      # Returns whether the innermost transaction is the sync's, in Rails and in the database.
      def ours?
        @begun && @connection.current_transaction.equal?(@begun) && @begun.materialized?
      end

      # Returns whether Rails has a transaction open that is not the sync's. A transaction that is only announced does
      # not count.
      def open_for_rails?
        @depth.zero? ? @open : stack.first(@depth).any?(&:materialized?)
      end

      # Returns Rails' stack of transactions without taking Rails' lock.
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
