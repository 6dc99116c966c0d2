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
end
