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

      # Runs the block, which returns what is right. An error of the gem is a problem.
      # @return [Boolean] whether there was no error
      def check(topic)
        add(:ok, topic, yield)
        true
      rescue Error => e
        add(:problem, topic, e.message)
        false
      end

      # Adds warnings, or if there are none, what is right.
      def warn_of(topic, warnings, right)
        warnings.each { |text| add(:warning, topic, text) }
        add(:ok, topic, right) if warnings.empty?
      end

      def add(level, topic, message)
        @findings << Diagnosis::Finding.new(level, topic, message)
      end

      # Checks the database in which the sync keeps its data, if there is one.
      def database
        return unless State.database?

        rows = StateRow.beside(@declaration.home)
        Database.lease(rows) do
          tables(Database.of(rows))
          check("lock") { lock(Database.of(rows)) }
        end
      end

      def tables(database)
        missing = Beside.tables - database.tables(Beside.tables)
        warn_of("tables", missing.any? ? [without(missing)] : [], "the tables of the migration are there")
      end

      def lock(database)
        raise Lock::Shared if database.shares_sessions?

        "a run keeps others out"
      end

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
