# frozen_string_literal: true

require "rails_helper"
require_relative "../support/pages"
require_relative "../support/partner_world"

RSpec.describe "docs/organization_sync.md" do
  include ShownCode
  include PartnerWorld

  page = Page.new("docs/organization_sync.md")

  context "with the example" do
    let(:accounts) do
      open = { "Type" => "Partner", "Track__c" => "Open", "OwnerId" => "005000000000001AAA" }
      [["K", "New Co"], ["L", "Big Co", { "Track__c" => "Select", "OwnerId" => "005000000000002AAA" }],
       ["M", "Same Co"], ["N", "Back Co"], ["P", "small co"]].map do |letter, name, others|
        { "Id" => "0014C00000VaYf#{letter}QAV", "Name" => name, **open, **others.to_h }
      end
    end
    let(:organizations) do
      [["Big Co", "L"], ["Same Co", "M"], ["Back Co", "N", { "mark_for_deletion" => true }], ["Gone Co", "Q"],
       ["Small Co"], ["Other Co"]].each.with_index(1).map do |(name, letter, others), id|
        partner = { "salesforce_id" => "0014C00000VaYf#{letter}QAV", "account_owner" => "Ann",
                    "account_type" => "open_partner", **others.to_h }
        { "id" => id, "name" => name, "organization_fields" => letter ? partner : { "account_type" => "customer" } }
      end
    end
    let(:users) { { "005000000000001AAA" => "Ann", "005000000000002AAA" => "Bob" } }

    it "writes what it says, within the budgets that operations.md lists" do
      gone = { "Id" => "0014C00000VaYfQQAV", "IsDeleted" => true }
      records = { "Account" => [*accounts, gone], "User" => users.map { |id, name| { "Id" => id, "Name" => name } } }
      partners([], organizations, salesforce: { records:, fields: {} })
      context = TOPLEVEL_BINDING.dup
      expect(timeless(page.run("organizations", context))).to eq(page.block("output: organizations"))
      budgets = could_suffer_of(context.local_variable_get(:plan)).keys
      expect(budgets.map(&:to_sym)).to eq(PartnerSync.declaration.budget_names)
      expect(Page.new("docs/operations.md").listed("organization budgets")).to eq(budgets.map(&:to_s))
    ensure
      Object.send(:remove_const, :ResellerSync) if Object.const_defined?(:ResellerSync)
    end
  end

  it "shows a sync beside Zendesk's own connector" do
    owner = { "Id" => "005000000000001AAA", "Name" => "Ann" }
    customer = { "Id" => account_id(1), "Name" => "Acme", "Type" => "Customer", "OwnerId" => "005000000000001AAA" }
    held = { "id" => 7, "name" => "Acme", "external_id" => account_id(1), "organization_fields" => {} }
    partners([], [held], salesforce: { records: { "Account" => [customer], "User" => [owner] }, fields: {} })
    expect(page.run("connector")).to include("applied: 1 update")
    expect(zendesk.organizations.first["organization_fields"]).to include("account_owner" => "Ann")
  ensure
    Object.send(:remove_const, :CustomerSync) if Object.const_defined?(:CustomerSync)
  end

  it "shows the stages, and lists the files that they leave" do
    partners([account(1), account(2)], [organization(1), organization(3)])
    written = Dir.chdir(scratch) { page.run("stages") }
    expect(written).to include("PartnerSync: 2 changes, 0 issues", "applied: 1 create, 1 mark")
    left = Dir.children(File.join(scratch, "data")) - ["zendesk_orgs_usgov.json"]
    expect(page.listed("files")).to match_array(left)
  end

  it "lists every word of a declaration, but for those of contacts" do
    words = CrmSync::Organizations::Dsl.public_instance_methods(false)
    expect(page.table("organization words").map { |row| row.first[/`(\w+)/, 1].to_sym }).to include(*words)
  end
end
