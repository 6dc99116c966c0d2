# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# A host that has told Rails 7.2 or newer to refuse `Model.connection`.
RSpec.describe "a host without permanent connections", if: ActiveRecord.respond_to?(:permanent_connection_checkout=) do
  def without_permanent_connections
    before = ActiveRecord.permanent_connection_checkout
    ActiveRecord.permanent_connection_checkout = :disallowed
    yield
  ensure
    ActiveRecord.permanent_connection_checkout = before
  end

  on_each_database do
    include ContactSyncWorld

    it "plans, applies, writes back, explains and undoes" do
      salesforce_has ann = contact("ann@b.edu", faculty: "Confirmed")
      user = create_user(email: "ann@b.edu", first_name: "Ann")
      without_permanent_connections do
        expect { User.connection }.to raise_error(ActiveRecord::ActiveRecordError, /lease_connection/)
        expect(sync).to have_attributes(status: :applied, problems: [])
        expect(verification_mails).to eq([[ann["Id"], "ann@b.edu"]])
        expect(UpdateUserSalesforceInfo.explain(user).to_s).to include(ann["Id"])
        expect(UpdateUserSalesforceInfo.runs.first.undo!.status).to eq(:applied)
      end
      expect(user.reload.salesforce_contact_id).to be_nil
    end
  end
end
