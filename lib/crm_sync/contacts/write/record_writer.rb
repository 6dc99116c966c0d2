# frozen_string_literal: true

require_relative "patience"
require_relative "premises"
require_relative "read_back"

module CrmSync
  module Contacts
    # Writes changes through the model, each in a transaction of its own together with what belongs to it.
    class RecordWriter
      # @param history [CrmSync::History] keeps the changes, each in the transaction of its write
      def initialize(schema, consequences, history, lock)
        @schema = schema
        @consequences = consequences
        @history = history
        @lock = lock
        @patience = Patience.new(schema)
        @costs = Costs.new(schema)
        @premises = Premises.new(schema)
        @answers = Answers.new(schema)
        @read_back = ReadBack.new(schema, @answers)
      end

      # @param changes [Array<CrmSync::Change>]
      # @param outcome [CrmSync::Contacts::Outcome] collects what happens to each
      def write(changes, outcome)
        @patience.around { changes.each { |change| write_one(change, outcome) } }
      end

      private

      def write_one(change, outcome)
        became = transaction = nil
        @patience.spend do
          Database.transaction(@schema.connection) do
            transaction = @schema.connection.current_transaction
            became = apply(change)
          end
        end
        outcome.settle(change, became)
      rescue ReadBack::PutBack => e
        put_back(change, e.refused.fetch(change), outcome)
      rescue StandardError => e
        raise unless outcome.tolerable?(e)
        # Handles errors after the commit, such as those of a callback of the model: they take nothing back.
        return after_commit(change, became, outcome, e) if transaction&.state&.committed?

        outcome.failed(change.key, e)
      end

      def after_commit(change, became, outcome, error)
        outcome.settle(change, became)
        outcome.failed(nil, error)
      end

      # Writes the rest of a change: the columns that the host puts back were not written, and their consequences do not
      # follow.
      def put_back(change, columns, outcome)
        @answers.keep(change, Answers::PUT_BACK, columns)
        rest = @costs.without(change, columns.keys)
        outcome.put_back(change, columns, rest)
        write_one(rest, outcome) if rest
      end

      # @return [CrmSync::Change, String] the change as it was stored, or what has moved since the plan
      def apply(change)
        @lock.check
        @patience.wait { @premises.lock([change]) }
        record, moved = @premises.judge(change, @premises.facts([change]))
        return moved if moved

        stored = save(record, change)
        @consequences.follow([[record, stored]])
        @history.record([stored])
        stored
      end

      # Saves the record. If a callback raises ActiveRecord::Rollback, Rails hides it, because the transaction is ours,
      # and writes nothing.
      def save(record, change)
        record.assign_attributes(change.after)
        record.save! or raise ActiveRecord::RecordNotSaved.new("a callback rolled it back", record)
        @read_back.of([change], change => record).fetch(change).tap do |stored|
          # Reloads the record, which does not know yet what the database has rewritten.
          record.reload unless stored.equal?(change)
        end
      rescue ActiveRecord::StaleObjectError => e
        # Reports it as dropped: the row is locked, so nobody else can have written it.
        e.record.equal?(record) ? @read_back.dropped(change) : raise
      end
    end
    private_constant :RecordWriter
  end
end
