# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

RSpec.describe CrmSync::Contacts::NeededQuery do
  include ContactSyncWorld

  # Returns the indexes that PostgreSQL uses where a look at all rows would take long.
  def indexes(sync)
    schema = CrmSync::Contacts::Schema.new(sync.declaration)
    sql = described_class.new(schema, CrmSync::Database.for(schema.connection)).to_sql(20_000).gsub(/\$\d/,
                                                                                                    "'[]'::bytea")
    plan = User.transaction do
      User.connection.execute("SET LOCAL enable_seqscan = off; ANALYZE")
      User.connection.select_values("EXPLAIN #{sql}")
    end
    plan.filter_map { |line| line[/Index Scan (?:on|using) (\w*(?:_on_|_by_|oddly)\w*)/, 1] }.uniq
  end

  # Creates the indexes that the page tells an app to create.
  def create_indexes
    page = File.read(File.join(Leftovers::CHECKOUT, "docs/performance.md"))
    page.scan(/CREATE INDEX .*?;/m).each { |index| User.connection.execute(index) }
  end

  context "with PostgreSQL" do
    using_database :postgresql, fresh: true

    it "finds by indexes who is linked, whom the sweep would change, and who has a value, however it is spelled" do
      create_users(20_000) { |n| { email: "teacher#{n}@b.edu" } }
      usual = %w[index_users_on_salesforce_contact_id index_contact_infos_on_lower_value_and_verified]
      expect(indexes(UpdateUserSalesforceInfo)).to include(*usual, "index_users_on_faculty_status")
      create_indexes
      usual << "oddly_spelled_addresses"
      expect(indexes(UpdateUserSalesforceInfo)).to contain_exactly(*usual, "index_users_on_faculty_status")
      by_uuid = sync_that { match_by :uuid, to: "Uuid__c", as: :uuid }
      expect(indexes(by_uuid)).to contain_exactly(*usual, "users_by_uuid", "oddly_spelled_uuids")
    end
  end
end
