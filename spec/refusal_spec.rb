# frozen_string_literal: true

require_relative "support/partner_world"

# Covers the refusals of budgets and source checks, each with the value that lets it through.
RSpec.describe CrmSync::Refusal do
  include PartnerWorld

  # Six organizations without an account among twenty with one: a mark more than the budget has.
  def marks
    partners((1..20).map { |n| account(n) }, (1..26).map { |n| organization(n) })
  end

  it "has the budget, the reason, and the allow that lets it through" do
    marks
    run = PartnerSync.call
    refusal = run.refusals.first
    expect(refusal).to have_attributes(name: :mark, reason: /\Aheld back: 6 changes of the kind mark/,
                                       allow: { mark: 6 })
    expect(refusal.to_s).to eq("#{refusal.reason}. If that is right: PartnerSync.call(allow: { mark: 6 })")
    expect(run.problems).to include(refusal.to_s)
    expect(PartnerSync.call(allow: refusal.allow).status).to eq(:applied)
  end

  it "has the source, and the rows that came" do
    partners([], [organization(1)])
    plan = PartnerSync.plan
    expect(plan.refusals).to match([have_attributes(name: :accounts, allow: { accounts: 0 })])
    expect(plan.apply(allow: plan.refusals.first.allow).status).to eq(:applied)
  end

  it "is shown with all that it has, also in JSON" do
    marks
    plan = PartnerSync.plan
    refusal = plan.refusals.first
    shown = { "name" => "mark", "reason" => refusal.reason, "allow" => { "mark" => 6 }, "message" => refusal.to_s }
    expect(JSON.parse(refusal.to_json)).to eq(shown)
    expect([plan.as_json["refusals"], plan.apply.as_json["refusals"]]).to all(eq([shown]))
    expect(refusal.inspect).to eq("#<CrmSync::Refusal #{refusal}>")
  end

  it "proposes other words only as long as somebody wants them" do
    marks
    refusal = PartnerSync.plan.refusals.first
    told = described_class.propose(->(allow) { "say #{allow[:mark]}" }) { refusal.to_s }
    expect(told).to end_with("If that is right: say 6")
    expect { described_class.propose(->(_) { "no" }) { raise "an error" } }.to raise_error("an error")
    expect(refusal.to_s).to end_with("PartnerSync.call(allow: { mark: 6 })")
  end
end
