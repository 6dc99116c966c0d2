# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

RSpec.describe CrmSync::Contacts::NeededQuery do
  include ContactSyncWorld

  # Returns the indexes that PostgreSQL uses where a look at all rows would take long.
  def indexes(sync)
    schema = CrmSync::Contacts::Schema.new(sync.declaration)
    sql = described_class.new(schema, CrmSync::Database.for(schema.connection)).to_sql.gsub("$1", "'[]'::bytea")
    plan = User.transaction do
      User.connection.execute("SET LOCAL enable_seqscan = off; ANALYZE")
      User.connection.select_values("EXPLAIN #{sql}")
    end
    plan.filter_map { |line| line[/Scan (?:on|using) (\w*(?:_on_|addresses)\w*)/, 1] }.uniq
  end

  context "with PostgreSQL" do
    using_database :postgresql, fresh: true

    it "finds by indexes who has a contact, another value than the sweep sets, or an address, however it is spelled" do
      create_users(20_000) { |n| { email: "teacher#{n}@b.edu" } }
      usual = %w[index_contact_infos_on_lower_value_and_verified index_users_on_faculty_status
                 index_users_on_salesforce_contact_id]
      expect(indexes(UpdateUserSalesforceInfo)).to include(*usual)
      User.connection.execute(File.read(File.join(Leftovers::CHECKOUT, "docs/performance.md"))[/CREATE INDEX .*?;/m])
      expect(indexes(UpdateUserSalesforceInfo)).to contain_exactly(*usual, "oddly_spelled_addresses")
    end
  end
end
