# frozen_string_literal: true

require_relative "../salesforce/sight"
require_relative "../store/beside"
require_relative "../store/lock"
require_relative "findings"

module CrmSync
  module Internal
    # Base class of the doctors of both syncs, which find out before the first run what would be in its way. They write
    # nothing. Subclasses define +examine+.
    class Doctor
      # The reason that nothing can be written where Rails lets nobody write.
      PREVENTED = "Rails lets nothing be written here, because the connection is that of a replica, or in a block of " \
                  "connected_to or while_preventing_writes; use the connection that writes"
      # What is lost without each of the gem's tables.
      LOST = { "crm_sync_runs" => "there is no history and no undo",
               "crm_sync_changes" => "there is no history and no undo",
               "crm_sync_outbox" => "nothing can be written back",
               "crm_sync_states" => "what is kept between runs is in files" }.freeze
      # The HTTP status of a request that a user may not make.
      FORBIDDEN = 403
      private_constant :PREVENTED, :LOST, :FORBIDDEN

      # @param sync [Class]
      def initialize(sync)
        @sync = sync
        @declaration = sync.declaration
        @findings = Findings.new
      end

      # @return [Array<CrmSync::Diagnosis::Finding>]
      def findings
        examine
        @findings.to_a
      end

      private

      delegate :check, :warn_of, :add, to: :@findings

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

      # Checks whether a run can keep others out.
      def lock
        check("lock") do
          State.database? ? lock_in_database : lock_in_folder
          "a run keeps other runs out"
        end
      end

      # In a transaction of the app's, which has one session, a run can keep others out behind any pooler.
      def lock_in_database
        rows = StateRow.beside(@declaration.home)
        Lock.for(@sync.name, rows) # which needs a name
        raise Lock::Shared if Database.lease(rows) { shared?(Database.connection(rows)) }
      end

      def lock_in_folder
        Lock.for(@sync.name)
        PrivateFolder.state.check_writable
      end

      def shared?(connection) = !connection.transaction_open? && Database.for(connection).shares_sessions?

      def without(tables)
        lost = LOST.filter_map { |name, what| what if tables.include?(Beside.table(name)) }.uniq
        "the database has no #{tables.join(", ")}: #{lost.join(", and ")}; run: #{Beside.commands(@declaration.home)}"
      end

      # Checks whether Salesforce accepts the settings.
      # @return (see #check)
      def salesforce
        check("Salesforce") do
          ["signed in to #{Salesforce.settings(@declaration.org).host}", *quota].join("; ")
        end
      end

      # Returns what is left of the quota, which an integration user need not be allowed to read. If the org refuses
      # everything, the next checks tell.
      def quota
        left = client.limits["DailyApiRequests"] or return
        remaining, max = left.values_at(:remaining, :max).map { |number| Presentable.count(number) }
        "#{remaining} of #{max} API requests are left for today"
      rescue RemoteError => e
        raise unless e.status == FORBIDDEN

        "the org does not say how many API requests are left (#{["HTTP #{e.status}", *e.code].join(", ")})"
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
