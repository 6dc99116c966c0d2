# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# A host that has told Rails 7.2 or newer to refuse `Model.connection`.
RSpec.describe "a host without permanent connections", if: ActiveRecord.respond_to?(:permanent_connection_checkout=) do
  include ContactSyncWorld

  # Rails refuses only as long as the thread has no connection.
  def elsewhere(&)
    before = ActiveRecord.permanent_connection_checkout
    ActiveRecord.permanent_connection_checkout = :disallowed
    Thread.new(&).tap { |thread| thread.report_on_exception = false }.value
  ensure
    ActiveRecord.permanent_connection_checkout = before
  end

  on_each_database do
    it "plans, applies, writes back, explains and undoes" do
      salesforce_has ann = contact("ann@b.edu", faculty: "Confirmed")
      user = create_user(email: "ann@b.edu", first_name: "Ann")
      expect { elsewhere { User.connection } }.to raise_error(ActiveRecord::ActiveRecordError, /lease_connection/)
      expect(elsewhere { sync }).to have_attributes(status: :applied, problems: [])
      expect(verification_mails).to eq([[ann["Id"], "ann@b.edu"]])
      expect(elsewhere { UpdateUserSalesforceInfo.explain(user) }.to_s).to include(ann["Id"])
      expect(elsewhere { UpdateUserSalesforceInfo.runs.first.undo! }.status).to eq(:applied)
      expect(user.reload.salesforce_contact_id).to be_nil
    end
  end
end
