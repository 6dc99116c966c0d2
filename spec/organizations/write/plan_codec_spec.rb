# frozen_string_literal: true

require_relative "../../support/partner_world"

# A plan that the stages keep is the plan that they apply.
RSpec.describe "An organization sync by stages" do
  include PartnerWorld

  let(:dir) { File.join(scratch, "data") }

  # The lists have the fields in the order of their names, the plan in that of the declaration.
  it "applies creates, updates, marks and unmarks of several fields, as they were planned" do
    partners([account(1), account(2, Partner_Track__c: "Select"), account(4)],
             [organization(2, account_owner: "Somebody else"), organization(3),
              organization(4, account_owner: "Somebody else", mark_for_deletion: true)])
    PartnerSync.gather_accounts(dir:)
    PartnerSync.gather_organizations(dir:)
    plan = PartnerSync.compare(dir:)
    expect(plan.changes.map(&:action)).to eq(%i[create update mark unmark])
    run = PartnerSync.apply(dir:)
    expect(run.plan.changes.map(&:to_s)).to eq(plan.changes.map(&:to_s))
    expect([run.status, run.applied.size, PartnerSync.plan.changes]).to eq([:applied, 4, []])
  end
  it "has the same numbers in one go and by stages, however they are spelled" do
    numbers = [(2**64) - 1, 2**63, 1e21, 1988.0, 0.1, -7]
    accounts = numbers.each.with_index(1).map { |number, n| account(n, Account_Risk_Level__c: number) }
    allow(self).to receive(:organization_fields).and_wrap_original do |fields|
      [*fields.call, { key: "seats", type: :decimal }]
    end
    partners(accounts, [])
    sync = partners_with { field :seats, from: "Account_Risk_Level__c" }
    sync.gather_accounts(dir:)
    sync.gather_organizations(dir:)
    planned = [sync.plan, sync.compare(dir:)].map { |plan| plan.changes.map { |change| change.after[:seats] } }
    expect(planned).to eq([numbers] * 2)
    expect(planned.first.map(&:class)).to eq(planned.last.map(&:class))
  end
end
