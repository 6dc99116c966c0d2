# frozen_string_literal: true

require "spec_helper"
require "crm_sync"

RSpec.describe CrmSync::PastChange do
  it "tells its time in UTC, and leaves it in the app's zone" do
    at = Time.new(2026, 3, 8, 2, 30, 0, "-05:00")
    change = described_class.new(id: 1, run_id: 2, at:, outcome: :applied, organization_id: nil, name: nil,
                                 action: :update, key: 7, before: {}, after: {}, reason: "", budgets: [])
    expect([change.to_s, change.as_json["at"]]).to all(include("2026-03-08T07:30:00Z"))
    expect(at.utc_offset).to eq(-18_000)
  end
end
