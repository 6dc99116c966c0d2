# frozen_string_literal: true

require_relative "../../sync/writer"
require_relative "consequences"
require_relative "done"
require_relative "outcome"
require_relative "put_back_issues"
require_relative "record_writer"
require_relative "set_writer"

module CrmSync
  module Contacts
    # Writes changes in the way that the declaration names, and then sends the write-backs that follow them.
    class Writer < Internal::Writer
      WAYS = { records: RecordWriter, set_based: SetWriter }.freeze
      private_constant :WAYS

      # @param lock (see CrmSync::Internal::Writer#initialize)
      # @param history [CrmSync::SyncHistory] keeps the changes
      # @param remember (see CrmSync::Internal::Writer#initialize)
      # @param only_own (see CrmSync::Outbox#initialize)
      def initialize(schema, org, host, lock:, history:, remember: nil, only_own: false)
        super(schema.declaration, lock, remember)
        @schema = schema
        @org = org
        @host = host
        @place = schema.place(Database.first_schema(schema.model))
        @outbox = Outbox.new(@declaration, host, only_own:)
        @way = WAYS.fetch(@declaration.way.name).new(schema, Consequences.new(schema, @outbox), history, lock)
      end

      # @param changes [Array<CrmSync::Change>]
      # @return [Hash] the changes by what happened to them: +applied+, +stale+, +done+ already, +errors+
      # @raise [CrmSync::ConfigurationError] when a simulator has been started or stopped since the plan, or when
      #   the connection leads to another schema
      # @raise [CrmSync::Locked] when the lock was lost meanwhile
      def write(changes)
        check_org
        check_place
        outcome = Outcome.new(@schema.connection)
        # Watches until the last write-back has been sent, because sending takes longer than everything else.
        outcome.watch(@declaration.name, changes) do
          write_all(changes, outcome) if changes.any?
          outcome.tried
          outcome.tell(PutBackIssues.new(@schema).of(outcome.refused))
          outcome.done(Done.new(@schema).among(outcome.stale.keys))
          remember
          deliver(outcome)
        end
        outcome.to_h
      end

      private

      def write_all(changes, outcome)
        Database.check_isolation(@schema.connection)
        @way.write(changes, outcome)
        # A call for one user remembers nothing, and deletes nothing either, because a request of the app may wait.
        Answers.new(@schema).prune if @remember
      end

      # Refuses a plan that was made with other settings of the org: while a simulator runs, the gem may speak to no
      # other host, not even for a plan that was made before.
      def check_org
        return if @org.equal?(Salesforce.settings(@declaration.org).native)

        raise ConfigurationError, "the org is not the one that was planned with: its settings have changed, or a " \
                                  "simulator has been started or stopped since; plan again"
      end

      # Refuses another schema than that of the plan: in the schema of another tenant, the keys are other records.
      def check_place
        return if @schema.place == @place

        raise ConfigurationError, "the plan was made in #{@place}, and the connection leads to #{@schema.place} now; " \
                                  "go back there, or plan again"
      end

      # Sends nothing inside a transaction of the host's, where nothing is certain yet: the recorded write-backs wait
      # for a later run.
      def deliver(outcome)
        return if @declaration.write_backs.empty? || @schema.connection.current_transaction.joinable?

        contacts = ->(ids, fields) { @org.retrieve(@declaration.contacts.object, ids, fields, @host) }
        sifting = OutboxSifting.new(OutboxRow.beside(@schema.model), Causes.new(@schema, contacts))
        outcome.errors.concat(@outbox.deliver(@org, sifting))
        outcome.tell(sifting.issues)
        # Logs the issues, because their rows are deleted and no later run reports them.
        sifting.issues.each { |issue| Log.new(@declaration.name).warn(issue.message) }
      end
    end
    private_constant :Writer
  end
end
