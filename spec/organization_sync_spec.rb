# frozen_string_literal: true

require_relative "support/partner_world"

RSpec.describe CrmSync::OrganizationSync do
  include PartnerWorld

  describe "a run from end to end" do
    let(:alliance) do
      account(5, Id: PartnerWorld::ALLIANCE, Account_ID_18__c: PartnerWorld::ALLIANCE, Type: "Customer")
    end
    let(:accounts) do
      [account(1), account(2, Partner_Track__c: "Select"), account(3, Restricted_Account__c: "Restricted Party"),
       account(4, Name: "Back again"), alliance]
    end
    let(:organizations) do
      [organization(2, account_owner: "Somebody else"), organization(3),
       organization(4, name: "Back again", mark_for_deletion: true), organization(6),
       { "id" => 9, "name" => "A customer", "organization_fields" => { "account_type" => "customer" } }]
    end

    before { partners(accounts, organizations) }

    it "brings Zendesk to what Salesforce says" do
      run = PartnerSync.call
      expect(run.problems).to eq([])
      expect(run.status).to eq(:applied)
      expect(run.summary[:applied]).to eq(create: 2, update: 2, mark: 1, unmark: 1)
      expect(fields_of(1)).to include("account_type" => "open_partner", "sfdc_short_id" => account_id(1)[0, 15],
                                      "account_owner" => "Owner 1", "restricted_account" => false)
      expect(fields_of(2)).to include("account_type" => "select_partner", "account_owner" => "Owner 2")
      expect(fields_of(3)).to include("restricted_account" => true)
      expect(fields_of(4)).to include("mark_for_deletion" => false)
      expect(fields_of(6)).to include("mark_for_deletion" => true)
      alliance = by_account.fetch(PartnerWorld::ALLIANCE).first
      expect(alliance["organization_fields"]["account_type"]).to eq("alliance_partner")
    end

    it "plans nothing in a second run, and writes nothing" do
      PartnerSync.call
      before = writes.size
      run = PartnerSync.call
      expect(run.status).to eq(:unchanged)
      expect(run.plan).to be_empty
      expect(writes.size).to eq(before)
    end
  end
end
