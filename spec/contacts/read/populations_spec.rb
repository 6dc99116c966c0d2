# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# The database and the core count the same users, for each budget that there is.
RSpec.describe CrmSync::Contacts::Populations do
  include ContactSyncWorld

  on_each_database do
    it "counts for each budget as many as a new plan does" do
      gone = salesforce_id("003")
      there = contact("a@b.edu", faculty: "Confirmed")
      salesforce_has(there, lead("l@b.edu"))
      linked_user(there, faculty_status: :confirmed_faculty)
      create_user(salesforce_contact_id: gone, faculty_status: :rejected_faculty)
      create_user(email: "l@b.edu", faculty_status: :pending_faculty)
      create_user(email: "n@b.edu")
      plan = UpdateUserSalesforceInfo.plan
      schema = CrmSync::Contacts::Schema.new(UpdateUserSalesforceInfo.declaration)
      expect(each_budget(described_class.new(schema))).to eq(could_suffer_of(plan))
      expect(could_suffer_of(plan).keys).to eq(UpdateUserSalesforceInfo.declaration.budget_names)
    end

    it "counts nobody for a plan that is only kept" do
      user, = users_with_contacts("ann")
      plan = UpdateUserSalesforceInfo.plan(only: user)
      statements = []
      listen = ->(*, payload) { statements << payload[:sql] }
      save = -> { plan.save(File.join(scratch, "sync.plan")) }
      ActiveSupport::Notifications.subscribed(listen, "sql.active_record", &save)
      expect(statements.grep(/COUNT/)).to eq([])
    end
  end
end
