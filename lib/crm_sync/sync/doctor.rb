# frozen_string_literal: true

require_relative "../diagnosis"
require_relative "../salesforce/sight"
require_relative "../store/beside"
require_relative "../store/lock"

module CrmSync
  module Internal
    # Base class of the doctors of both syncs, which find out before the first run what would be in its way. They write
    # nothing. Subclasses define +examine+.
    class Doctor
      # The reason that nothing can be written where Rails lets nobody write.
      PREVENTED = "Rails lets nothing be written here, because the connection is that of a replica, or in a block of " \
                  "connected_to or while_preventing_writes; use the connection that writes"
      private_constant :PREVENTED

      # @param sync [Class]
      def initialize(sync)
        @sync = sync
        @declaration = sync.declaration
        @findings = []
      end

      # @return [Array<CrmSync::Diagnosis::Finding>]
      def findings
        examine
        @findings
      end

      private

      # Runs the block, which returns what is right. An error of the gem or of the database is a problem.
      # @return [Boolean] whether there was no error
      def check(topic)
        add(:ok, topic, yield)
        true
      rescue StandardError => e
        problem(topic, e)
        false
      end

      # Runs the block, which returns warnings. Without any, adds what is right. Errors are problems as in {#check}.
      def warn_of(topic, right)
        warnings = yield
        warnings.each { |text| add(:warning, topic, text) }
        add(:ok, topic, right) if warnings.empty?
      rescue StandardError => e
        problem(topic, e)
      end

      def problem(topic, error)
        return add(:problem, topic, error.message) if error.is_a?(Error)
        raise error unless defined?(ActiveRecord::ActiveRecordError) && error.is_a?(ActiveRecord::ActiveRecordError)

        add(:problem, topic, "the database does not answer a query of a run: #{Presentable.error(error)}")
      end

      def add(level, topic, message)
        @findings << Diagnosis::Finding.new(level, topic, message)
      end

      # Checks the tables in which the sync keeps its data, if there is a database.
      def tables
        return unless State.database?

        warn_of("tables", "the tables of the migration are there") do
          rows = StateRow.beside(@declaration.home)
          there, closed = Database.lease(rows) { there_and_closed(Database.of(rows)) }
          raise ConfigurationError, no_rights(closed) if closed.any?

          missing = Beside.tables - there
          missing.any? ? [without(missing)] : []
        end
      end

      def there_and_closed(database)
        there = database.tables(Beside.tables)
        [there, database.closed(there).sort]
      end

      # @param model [Class]
      # @raise [CrmSync::ConfigurationError] when nothing can be written in the model's database
      def refuse_read_only(model)
        reason = Database.lease(model) do
          Database.connection(model).preventing_writes? ? PREVENTED : Database.of(model).read_only
        end
        raise ConfigurationError, "no run can write: #{reason}" if reason
      end

      def no_rights(tables)
        "the app may not read and write #{tables.join(", ")}; grant its role SELECT, INSERT, UPDATE and DELETE, and " \
          "USAGE of the sequences, as is needed where another role runs the migrations"
      end

      # Checks whether a run can keep others out. In a transaction of the app's, which has one session, it can.
      def lock
        return unless State.database?

        check("lock") do
          rows = StateRow.beside(@declaration.home)
          Lock.for(@sync.name, rows) # which needs a name
          raise Lock::Shared if Database.lease(rows) { shared?(Database.connection(rows)) }

          "a run keeps other runs out"
        end
      end

      def shared?(connection) = !connection.transaction_open? && Database.for(connection).shares_sessions?

      def without(tables)
        "the database has no #{tables.join(", ")}: without them there is no history, no undo and no write_back, and " \
          "what is kept between runs is in files; run: #{Beside.commands(@declaration.home)}"
      end

      # Checks whether Salesforce accepts the settings.
      # @return (see #check)
      def salesforce
        check("Salesforce") do
          left = client.limits["DailyApiRequests"]
          ["signed in to #{Salesforce.settings(@declaration.org).host}", *(quota(left) if left)].join("; ")
        end
      end

      def quota(left)
        remaining, max = left.values_at(:remaining, :max).map { |number| Presentable.count(number) }
        "#{remaining} of #{max} API requests are left for today"
      end

      # Checks whether a record that does not come is gone, or may only be hidden.
      def sight
        sight = Sight.new(@declaration.org)
        return add(:ok, "permission", "the integration user sees all records") if sight.sees_all

        add(:warning, "permission",
            "#{sight.doubt}; a record that does not come counts as gone only after several reads")
      end

      def client = Salesforce.client(@declaration.org)
    end
  end
end
