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
      expect(described_class.new(schema).to_h).to eq(plan.kept["could_suffer"].to_h)
      expect(plan.kept["could_suffer"].keys).to eq(UpdateUserSalesforceInfo.declaration.budget_names)
    end
  end
end
