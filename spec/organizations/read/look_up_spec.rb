# frozen_string_literal: true

require_relative "../../support/partner_world"

# Asks for an account by its id before its organization is marked.
RSpec.describe "An organization sync that looks accounts up" do
  include PartnerWorld

  let(:dir) { File.join(scratch, "data") }
  let(:marked) { [2, 3].map { |number| fields_of(number)["mark_for_deletion"] } }

  before do
    still = [1, 4, 5]
    partners([*still.map { |number| account(number) }, account(2, Type: "Customer")],
             [*still, 2, 3].map { |number| organization(number) })
  end

  it "tells who is not a partner any more, and who is gone" do
    run = PartnerSync.call
    expect(run.applied.map(&:reason)).to match(
      [/\Ano account has the id #{account_id(2)}: it is there, but the declaration leaves it out; Type: Customer, /,
       "no account has the id #{account_id(3)}: it was deleted"]
    )
    expect(marked).to eq([true, true])
  end

  it "asks nobody in the stage that compares, and what is marked there can be applied" do
    PartnerSync.gather_accounts(dir:)
    PartnerSync.gather_organizations(dir:)
    asked = [salesforce, zendesk].map { |simulator| simulator.requests.size }
    plan = PartnerSync.compare(dir:)
    expect([salesforce, zendesk].map { |simulator| simulator.requests.size }).to eq(asked)
    expect(plan.changes.map(&:reason)).to eq([2, 3].map { |number| "no account has the id #{account_id(number)}" })
    expect([PartnerSync.apply(dir:).status, marked]).to eq([:applied, [true, true]])
  end
end
