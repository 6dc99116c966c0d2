# frozen_string_literal: true

require "rails_helper"

RSpec.describe UpdateUserSalesforceInfo do
  on_each_database do
    it "links a user by a verified address" do
      user = create_user(email: " A@b.edu")
      contact = { "Id" => "0034C00000VaYfKQAV", "Email" => "a@B.edu", "Faculty_Verified__c" => "Confirmed" }
      CrmSync::Testing::Salesforce.start(records: { "Contact" => [contact], "Lead" => [] }) do |salesforce|
        plan = described_class.plan
        puts plan
        run = plan.apply
        puts run, run.ledger, run.problems
        puts described_class.explain(user)
        expect(user.reload.salesforce_contact_id).to eq("0034C00000VaYfKQAV")
        expect(salesforce.records("Contact").first["SendFacultyVerificationTo__c"]).to be_present
        expect(described_class.plan).to be_empty
      end
    end
  end
end
