# frozen_string_literal: true

require_relative "../../store/database/commit_callback"
require_relative "transaction_check"

module CrmSync
  module Contacts
    # Writes the changes of records that take each other's contacts, in one transaction: either all of them are written,
    # or none.
    #
    # First all records lose their contacts, without going through the model, so that neither a unique index nor a
    # validation refuses a contact that another record is about to give up. The premises of the changes are checked
    # before that.
    #
    # A writer that includes this module has a method +save_together+ that saves the changes.
    module Exchange
      include TransactionCheck

      # Raised when one of the changes cannot be made because a premise has moved. Nothing is written then.
      class Stopped < StandardError
        # @return [Hash{CrmSync::Change => String}] what has moved
        attr_reader :moved

        # @param moved (see #moved)
        def initialize(moved)
          @moved = moved
          super("the premises of changes that are made together have moved")
        end
      end

      # Raised when one of the changes cannot be saved; the error itself is the +cause+.
      class Failed < StandardError
        # @return [CrmSync::Change]
        attr_reader :change

        # @param change (see #change)
        def initialize(change)
          @change = change
          super("a change could not be saved")
        end
      end

      private

      # Writes the changes of a cycle.
      # @param changes [Array<CrmSync::Change>] a cycle of {Turns}
      # @param outcome [CrmSync::Contacts::Outcome] collects what happens to each change
      def exchange(changes, outcome)
        exchanged(changes, outcome).each { |change, stored| outcome.settle(change, stored) }
      rescue Stopped => e
        tell_moved(changes, e.moved, outcome)
      rescue ReadBack::PutBack => e
        exchange_rest(changes, e.refused, outcome)
      rescue StandardError => e
        culprit, error = e.is_a?(Failed) ? [e.change, e.cause] : [nil, e]
        raise error unless outcome.tolerable?(error)

        left = changes - @early.settle(changes, @begun, error, outcome)
        tell_failed(left, (culprit if left.include?(culprit)), error, outcome)
      end

      # @return [Hash{CrmSync::Change => CrmSync::Change}] each change as it was stored
      def exchanged(changes, outcome)
        stored = transaction = nil
        @patience.spend do
          in_transaction do |opened|
            transaction = opened
            stored = exchange_in_transaction(changes) { keep_saved_apart(transaction, outcome) }
            outcome.committing(transaction, stored.values)
          end
        end
        stored
      rescue StandardError => e
        # Handles errors after the commit that were not kept apart, such as those of a callback of a record that another
        # record saved before the commit: they roll nothing back.
        raise unless stored && transaction.state.committed? && outcome.tolerable?(e)

        outcome.failed(nil, e)
        stored
      end

      # Makes the host's commit callbacks run for the records that were saved since the last call, even if callbacks of
      # other records raise.
      def keep_saved_apart(transaction, outcome)
        Database::CommitCallback.guard(transaction) do |error|
          outcome.tolerable?(error) ? outcome.failed(nil, error) : raise(error)
        end
      end

      # @yield before each record that is saved by itself, and after the last one
      def exchange_in_transaction(changes, &)
        note_transaction
        @patience.wait { @premises.wait_for(changes) }
        judged = judge_together(changes)
        stop(judged.transform_values(&:last).compact)
        @schema.link.give_up(changes.map(&:key))
        save_together(judged.transform_values(&:first), &).tap(&)
      end

      # @param changes [Array<CrmSync::Change>] changes whose records are locked
      # @return [Hash{CrmSync::Change => Array(ActiveRecord::Base, String)}] the result of {Premises#judge} for each
      #   change
      def judge_together(changes)
        facts = @premises.facts(changes, together: true)
        changes.to_h { |change| [change, @premises.judge(change, facts)] }
      end

      def stop(moved)
        raise Stopped, moved if moved.any?
      end

      # Writes the rest when the host puts values back: all changes without the columns that were put back. If nothing
      # is left of one change, or its contact was put back, no record gets a contact.
      def exchange_rest(changes, refused, outcome)
        rest = changes.to_h { |one| [one, refused.key?(one) ? rest_of(one, refused[one], outcome) : one] }
        culprit, = rest.find { |_, left| left.nil? }
        return exchange(rest.values, outcome) unless culprit

        tell_others(rest.values.compact, culprit, "the contact that it was given did not stay", outcome)
      end

      # Records the columns that the host put back.
      # @return [CrmSync::Change, nil] the part of the change that is written all the same
      def rest_of(change, columns, outcome)
        @answers.keep(change, Answers::PUT_BACK, columns)
        change.without(columns.keys).tap { |rest| outcome.put_back(change, columns, rest) }
      end

      def tell_moved(changes, moved, outcome)
        moved.each { |change, why| outcome.settle(change, why) }
        tell_others(changes - moved.keys, *moved.first, outcome)
      end

      # Reports an error for the change that caused it, or for all changes if it belongs to none of them, such as the
      # error of a statement.
      def tell_failed(changes, culprit, error, outcome)
        failed = culprit ? [culprit] : changes
        failed.each { |change| outcome.failed(change.key, error) }
        tell_others(changes - failed, culprit, "it could not be saved", outcome)
      end

      def tell_others(changes, culprit, why, outcome)
        changes.each do |change|
          outcome.settle(change, "it would change places with user #{culprit.key}, which is not possible: #{why}")
        end
      end
    end
    private_constant :Exchange
  end
end
