# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"
require "support/linked_teachers"

# A run that finds nothing to change asks the database a few times, and no more than that: beside busy threads of the
# host each statement may cost 0.1 s. Where a statement has to be added, say here what it is for.
RSpec.describe "a run that finds nothing to change" do
  include ContactSyncWorld
  include LinkedTeachers

  # Returns the statements of a run, those included that Rails asks about tables.
  def asked
    statements = []
    listen = ->(*, payload) { statements << payload[:sql].squish.first(150) unless payload[:cached] }
    ActiveSupport::Notifications.subscribed(listen, "sql.active_record") { expect(sync.status).to eq(:unchanged) }
    statements
  end

  # Has Rails know no more of our tables than in a process that has just begun.
  def forget_our_tables
    [CrmSync::StateRow, CrmSync::OutboxRow, CrmSync::RunRow, CrmSync::ChangeRow].each do |rows|
      rows.reset_column_information
      rows.connection.schema_cache.clear_data_source_cache!(rows.table_name)
    end
  end

  # The statements of a run, and those by which Rails learns the columns of three tables.
  { "PostgreSQL" => [28, 3], "SQLite" => [21, 6] }.each do |name, (statements, columns)|
    context "on #{name}" do
      using_database name.downcase.to_sym

      before do
        linked_teachers(12)
        sync
      end

      it "asks #{statements} times where users are read by need" do
        stub_const("CrmSync::Contacts::Need::FEW", 0)
        stub_const("CrmSync::Contacts::Need::SHARE", 10)
        found = asked.grep_v(/pg_constraint/) # which only PostgreSQL 18 is asked for
        expect(found.size).to be <= statements, found.join("\n")
      end

      it "asks #{columns} times more in the first run of a process" do
        usual = asked
        forget_our_tables
        first = asked
        expect(first.size - usual.size).to be <= columns, first.join("\n")
      end
    end
  end
end
