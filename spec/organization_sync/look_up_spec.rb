# frozen_string_literal: true

require_relative "../support/partner_world"

# Before an organization is marked, its account is asked for by its id.
RSpec.describe "An organization sync that looks accounts up" do
  include PartnerWorld

  let(:dir) { File.join(scratch, "data") }
  let(:customer) { /\Ano account has the id #{account_id(2)}: it is there, but the declaration .*; Type: Customer, / }
  let(:gone) { "no account has the id #{account_id(3)}: it is gone, or the integration user may not see it" }

  before do
    still = [1, 4, 5]
    partners([*still.map { |number| account(number) }, account(2, Type: "Customer")],
             [*still, 2, 3].map { |number| organization(number) })
  end

  it "tells who is no partner any more, and who is gone" do
    expect(PartnerSync.plan.changes.map(&:reason)).to match([customer, gone])
  end

  it "tells it in the list of marks too, and applies that list" do
    PartnerSync.gather_accounts(dir:)
    PartnerSync.gather_organizations(dir:)
    plan = PartnerSync.compare(dir:)
    listed = JSON.parse(File.read(File.join(dir, "not_in_sync.json")))
    expect(listed.map { |mark| mark["reason"] }).to match([customer, gone])
    run = PartnerSync.apply(dir:)
    expect([run.status, run.applied.map(&:to_a)]).to eq([:applied, plan.changes.map(&:to_a)])
    expect([2, 3].map { |number| fields_of(number)["mark_for_deletion"] }).to eq([true, true])
  end
end
