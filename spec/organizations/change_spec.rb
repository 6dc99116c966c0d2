# frozen_string_literal: true

require_relative "../support/partner_world"

# What a history leaves alone is taken out of changes, and what would be useless or harmful without it is not made.
RSpec.describe CrmSync::Organizations::Change do
  include PartnerWorld

  def left(action, *names)
    after = { name: "A", salesforce_id: account_id(1), account_owner: "B", account_type: "open_partner" }
    change = described_class.new(action:, key: account_id(1), before: after.transform_values { nil }, after:,
                                 reason: "", budgets: [], organization_id: nil, name: "A")
    change.without(names, PartnerSync.declaration.needed(action))&.after&.keys
  end

  it "is the rest of it where something is left alone" do
    expect(left(:create, :account_owner)).to eq(%i[name salesforce_id account_type])
    expect(left(:update, :account_type, :name)).to eq(%i[salesforce_id account_owner])
  end

  it "is no creation without a name or what makes the organization a managed one, and nothing without the id" do
    expect(%i[name account_type salesforce_id].map { |name| left(:create, name) }).to eq([nil, nil, nil])
    expect(left(:update, :salesforce_id)).to be_nil
  end
end
