# frozen_string_literal: true

require_relative "../support/partner_world"

# Covers the state that one run leaves for the next, whatever plans are applied, and when.
RSpec.describe "what an organization sync remembers" do
  include PartnerWorld

  def remembered
    CrmSync::Internal::Memory.new(PartnerSync.declaration, "#{salesforce.url} and #{zendesk.url}").sources
  end

  it "is one read, also where a plan is applied twice" do
    accounts = (1..3).map { |n| account(n) }
    organizations = (1..4).map { |n| organization(n) }
    partners(accounts, organizations, vanished: [4], salesforce: { view_all_data: :withheld })
    plan = PartnerSync.plan
    3.times { plan.apply }
    expect(PartnerSync.call.issues.map(&:message)).to match([/by now it was in 2 reads$/])
  end

  it "is not what an older plan has read" do
    partners([account(1)], [organization(1)])
    old = PartnerSync.plan
    salesforce.replace("Account", (1..3).map { |n| account(n) })
    PartnerSync.call
    newer = remembered
    old.apply
    expect([remembered, newer.dig("accounts", "rows")]).to eq([newer, 3])
  end

  it "is not what was gathered before" do
    dir = File.join(scratch, "stages")
    partners([account(1)], [organization(1)])
    PartnerSync.gather_accounts(dir:)
    PartnerSync.gather_organizations(dir:)
    PartnerSync.compare(dir:)
    salesforce.replace("Account", (1..3).map { |n| account(n) })
    PartnerSync.call
    newer = remembered
    PartnerSync.apply(dir:)
    expect([remembered, newer.dig("accounts", "rows")]).to eq([newer, 3])
  end
end
