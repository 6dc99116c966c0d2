# frozen_string_literal: true

require_relative "premises"

module CrmSync
  module Contacts
    # Writes changes through the model, each in a transaction of its own together with what belongs to it.
    # @api private
    class Writer
      # @param lock [CrmSync::Lock] that is held while this writes
      # @param history [CrmSync::History] in which changes are kept
      # @param remember [Proc] called when everything has been tried, to keep what the next run must know
      def initialize(schema, org, host, lock:, history:, remember:)
        @schema = schema
        @declaration = schema.declaration
        @org = org
        @lock = lock
        @history = history
        @remember = remember
        @premises = Premises.new(schema)
        @outbox = Outbox.new(@declaration.name, host)
      end

      # @raise [ArgumentError] when +allow+ names what is neither a budget nor a source
      def check(allow)
        known = %i[unlink demote clear contacts leads users] + @declaration.budgets.map(&:name)
        unknown = allow.keys - known
        raise ArgumentError, "allow: there is no #{unknown.first.inspect}; there are #{known.inspect}" if unknown.any?
      end

      # @param changes [Array<CrmSync::Change>]
      # @return [Hash] what became of them: +applied+, +stale+, +errors+
      # @raise [CrmSync::ConfigurationError] when a simulator has been started or stopped since the plan
      # @raise [CrmSync::Locked] when the lock was lost meanwhile
      def write(changes)
        check_org
        outcome = { applied: [], stale: {}, errors: [] }
        # A web request caches queries, and a premise must be looked at as it is now.
        @schema.model.uncached { changes.each { |change| write_one(change, outcome) } }
        @lock.check
        @remember.call
        outcome[:errors].concat(deliver)
        outcome
      end

      private

      # While a simulator runs, nothing of ours speaks to any other host, also not a plan that was made before.
      def check_org
        return if @org.equal?(Salesforce.settings(@declaration.org).native)

        raise ConfigurationError, "the org is not the one that was planned with: its settings have changed, or a " \
                                  "simulator has been started or stopped since; plan again"
      end

      # Inside a transaction of the host's nothing is certain yet: what is recorded waits for a run after it.
      def deliver
        return [] if @declaration.write_backs.empty? || @schema.connection.current_transaction.joinable?

        @outbox.deliver(@org, @lock)
      end

      def write_one(change, outcome)
        moved = Database.transaction(@schema.connection) { apply(change) }
        moved ? outcome[:stale][change] = moved : outcome[:applied] << change
      rescue StandardError => e
        raise if ends_all?(e)

        outcome[:errors] << Run::Failure.new(change.key, e.class.name, Presentable.text(e.message))
      end

      # What is no error of one record: a lock that is lost, a deadline that the host set for the whole run, and that
      # there is no connection, without which nothing else can work either.
      def ends_all?(error)
        error.is_a?(Lock::Lost) || (error.is_a?(Timeout::Error) && !error.class.to_s.start_with?("Net::")) ||
          !@schema.connection.active?
      end

      def apply(change)
        @lock.check
        record = @premises.lock(change)
        moved = @premises.moved(record, change)
        return moved if moved

        record.assign_attributes(change.after)
        record.save!
        hooks(change).each { |hook| hook.block.call(record, change) }
        write_backs(change).each { |write_back| post(write_back, record, change) }
        @history.record([change])
        nil
      end

      def hooks(change)
        @declaration.hooks.select { |hook| reached?(hook, change) }
      end

      def write_backs(change)
        change.contact_id ? @declaration.write_backs.select { |write_back| reached?(write_back, change) } : []
      end

      def reached?(part, change)
        return false unless change.after.key?(part.column)

        wanted = @schema.cast(part.column, part.to, part.line)
        @schema.canonical(part.column, change.after[part.column]) == @schema.canonical(part.column, wanted)
      end

      def post(write_back, record, change)
        value = record.public_send(write_back.with)
        @outbox.record(@declaration.contacts.object, change.contact_id, write_back.field => value) unless value.nil?
      end
    end
  end
end
