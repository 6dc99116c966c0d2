# frozen_string_literal: true

require_relative "contact_locks"
require_relative "early_commit"
require_relative "patience"
require_relative "premises"
require_relative "read_back"
require_relative "set_exchange"
require_relative "set_following"
require_relative "set_statement"
require_relative "set_table"
require_relative "turns"

module CrmSync
  module Contacts
    # Writes changes without going through the model: hundreds in one transaction, by one statement that checks their
    # premises.
    #
    # The statement refuses too much rather than too little. {Premises} checks each refused change and finds the reason;
    # if there is none, the change is written after all. So both ways of writing are judged by the same code.
    class SetWriter
      include SetExchange

      # The number of changes in a batch: few enough that their locks are not held for long, and that other Ruby threads
      # get their turn between its statements; many enough that the fixed cost of a statement does not matter.
      BATCH = 500
      # The number of smaller batches into which a failed batch is divided: with few bad records, most changes are
      # written at the second attempt, and a block of the host's runs at most five times for a record.
      PARTS = 10
      private_constant :PARTS

      # @param history [CrmSync::SyncHistory] keeps the changes, each in the transaction of its write
      def initialize(schema, consequences, history, lock)
        @schema = schema
        @declaration = schema.declaration
        @following = SetFollowing.new(schema, consequences)
        @history = history
        @lock = lock
        @patience = Patience.new(schema)
        @premises = Premises.new(schema)
        @contacts = ContactLocks.new(schema)
        @answers = Answers.new(schema)
        @read_back = ReadBack.new(schema, @answers)
        @early = EarlyCommit.new(schema, @premises, @read_back, consequences, history)
      end

      # @param changes [Array<CrmSync::Change>]
      # @param outcome [CrmSync::Contacts::Outcome] collects what happens to each change
      def write(changes, outcome)
        turns = Turns.new(changes, @schema.link.name)
        @patience.around do
          turns.rounds.each { |round| round.each_slice(BATCH) { |batch| write_batch(batch, outcome) } }
          turns.cycles.each { |cycle| exchange(cycle, outcome) }
        end
      end

      private

      def write_batch(changes, outcome)
        became = transaction = @written = nil
        @patience.spend do
          in_transaction do |opened|
            transaction = opened
            became = apply(changes)
            keep_saved_apart(transaction, outcome)
            outcome.committing(transaction, became.values.grep(CrmSync::Change))
          end
        end
        settle(changes, became, outcome)
      rescue ReadBack::PutBack => e
        put_back(changes, e.refused, outcome)
      rescue StandardError => e
        raise unless outcome.tolerable?(e)
        # Handles errors after the commit, such as those of a callback of a record that a hook has created: they roll
        # nothing back.
        return after_commit(changes, became, outcome, e) if became && transaction.state.committed?

        divide(changes - @early.settle(@written.to_a, @begun, e, outcome), outcome, e)
      end

      # Settles the changes of a batch. Rows that somebody else keeps locked are written afterwards, each by itself, so
      # that they do not hold up other records.
      def settle(changes, became, outcome)
        later, done = changes.partition { |change| became[change] == SetTable::LOCKED }
        done.each { |change| outcome.settle(change, became[change]) }
        later.each { |change| write_batch([change], outcome) }
      end

      def after_commit(changes, became, outcome, error)
        settle(changes, became, outcome)
        outcome.failed(nil, error)
      end

      # Writes the other changes of the batch, and then the rest of these. The columns that the host puts back were not
      # written, so their consequences do not follow.
      def put_back(changes, refused, outcome)
        rest = refused.map { |change, columns| rest_of(change, columns, outcome) }
        [changes - refused.keys, rest.compact].each { |some| write_batch(some, outcome) if some.any? }
      end

      # Writes the changes in smaller batches, down to single changes, because an error belongs to a single record, and
      # the others are to be written. Each batch has a transaction of its own, rather than a savepoint in a common one,
      # because a deferred constraint is checked only at the commit.
      def divide(changes, outcome, error)
        return failed(changes.first, outcome, error) if changes.one?

        changes.each_slice([changes.size.fdiv(PARTS).ceil, 1].max) { |some| write_batch(some, outcome) }
      end

      # Reports a change as stale rather than failed if it is both, because the error about its value does not matter
      # then.
      def failed(change, outcome, error)
        return outcome.failed(change.key, error) if Database.locked?(error)

        moved = Database.writing(@schema.connection) { moved(change) }
        moved ? outcome.settle(change, moved) : outcome.failed(change.key, error)
      rescue StandardError => e
        raise unless outcome.tolerable?(e)

        outcome.failed(change.key, error)
      end

      def moved(change)
        @premises.lock([change])
        @premises.judge(change, @premises.facts([change])).last
      end

      # @return [Hash{CrmSync::Change => CrmSync::Change, String}] each change as it was stored, or what has changed
      #   since the plan
      def apply(changes)
        note_transaction
        doubtful = @premises.doubtful(changes)
        moved, unlike = SetTable.new(@schema, @premises, changes).open { |table| update(table, changes, doubtful) }
        { **finish(changes - moved.keys, unlike), **moved }
      end

      # @return [Hash{CrmSync::Change => CrmSync::Change}] each change that was written, as it was stored
      def finish(written, unlike)
        became = { **(@written = written).to_h { |change| [change, change] }, **@read_back.of(unlike & written) }
        applied = became.values
        @following.follow(applied) { check_transaction }
        @history.record(applied)
        @following.run_batch_hooks(applied) { check_transaction }
        became
      end

      def update(table, changes, doubtful)
        statement = SetStatement.new(@schema, @premises, table)
        locked = @patience.wait { table.lock.tap { @contacts.take_all(changes) } }
        refused = table.without(run_on_locked(statement.guarded(doubtful))) - locked.keys
        moved = locked.merge(refused.to_h { |change| [change, moved(change)] }.compact)
        innocent = refused - moved.keys
        run(statement.judged(innocent)) if innocent.any?
        [moved, table.numbered(run(statement.unlike))]
      end

      # Runs a statement on rows that have just been read by the query that locked them.
      def run_on_locked(sql) = Database.for(@schema.connection).in_memory { run(sql) }

      # @return [Array<Integer>] the numbers of the changes, which the statement returns first
      def run(sql)
        rows = @schema.connection.exec_query(sql, "#{@declaration.name} Update").rows
        # Clears the query cache: Rails does so only for statements that it recognizes as writes.
        rows.map(&:first).tap { @schema.connection.clear_query_cache }
      end
    end
    private_constant :SetWriter
  end
end
