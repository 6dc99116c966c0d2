# frozen_string_literal: true

require "spec_helper"
require "crm_sync"

RSpec.describe CrmSync::PastChange do
  def past(**values)
    described_class.new(id: 1, run_id: 2, at: Time.utc(2026, 3, 8, 7), outcome: :applied, organization_id: nil,
                        name: nil, action: :update, key: 7, before: { status: "a" }, after: { status: "b" },
                        reason: "why", budgets: [], **values)
  end

  it "says whose it is, except under its record" do
    expect(past.to_s).to eq("2026-03-08T07:00:00Z  run 2  update 7  status: a → b  (why)")
    expect(past.under_record).to eq("2026-03-08T07:00:00Z  run 2  update  status: a → b  (why)")
    named = past(key: "0014C00000VaYfKQAV", name: "Ann <ann@b.edu>\n", outcome: :sent)
    expect(named.to_s).to start_with("2026-03-08T07:00:00Z  run 2  update 0014C00000VaYfKQAV  Ann [address]  sent, ")
    expect(named.under_record).to start_with("2026-03-08T07:00:00Z  run 2  update  sent, ")
  end

  it "tells its time in UTC, and leaves it in the app's zone" do
    at = Time.new(2026, 3, 8, 2, 30, 0, "-05:00")
    change = past(at:)
    expect([change.to_s, change.as_json["at"]]).to all(include("2026-03-08T07:30:00Z"))
    expect(at.utc_offset).to eq(-18_000)
  end
end
