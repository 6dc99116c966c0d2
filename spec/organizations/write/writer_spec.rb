# frozen_string_literal: true

require_relative "../../support/partner_world"

# One bad row or field is named, and the others go on.
RSpec.describe "A row or field that Zendesk cannot take" do
  include PartnerWorld

  def hundred(**zendesk)
    accounts = (1..100).map { |n| account(n, Account_Owner_Calc__c: n == 42 ? "poison" : "New") }
    partners(accounts, (1..100).map { |n| organization(n) }, zendesk:)
  end

  def field(name, type)
    allow(self).to receive(:organization_fields).and_wrap_original do |original|
      [*original.call, { key: name, type: }]
    end
  end

  it "fails for that row alone where it lets its job fail, and the job's message is told" do
    hundred(poison: { text: "poison", message: "undefined method for nil" })
    run = PartnerSync.call
    expect([run.status, run.applied.size, run.errors.map(&:key)]).to eq([:partial, 99, [account_id(42)]])
    expect(run.errors.first.to_s).to include("undefined method for nil")
    expect(run.ledger).to be_balanced
  end

  [400, 422].each do |status|
    it "fails for that row alone where its request is refused with #{status}" do
      hundred(poison: { text: "poison", status:, message: "Owner: is spoilt" })
      run = PartnerSync.call
      expect([run.applied.size, run.errors.map(&:key)]).to eq([99, [account_id(42)]])
      expect(PartnerSync.plan.changes.map(&:key)).to eq([account_id(42)])
    end
  end

  # The last one has a job of its own, which is over long before the first one has been found in its.
  it "names such rows in the order of the plan, and not of the jobs" do
    accounts = (1..101).map { |n| account(n, Account_Owner_Calc__c: [1, 101].include?(n) ? "poison" : "New") }
    partners(accounts, (1..101).map { |n| organization(n) }, zendesk: { poison: { text: "poison", message: "no" } })
    run = PartnerSync.call
    expect([run.errors.map(&:key), run.applied.map(&:key)]).to eq(
      [[account_id(1), account_id(101)], (2..100).map { |n| account_id(n) }]
    )
  end

  it "sends in parts what is too large together (413)" do
    hundred(max_job_bytes: 2_000)
    expect(PartnerSync.call.summary).to include(status: :applied, applied: { update: 100 })
  end

  it "is told as unknown where its request has no answer when the deadline passes" do
    zendesk = { faults: [{ on: :update_many, answer: :hang }], settings: { deadline: 4.0, read_timeout: 60.0 } }
    partners([account(1, Account_Owner_Calc__c: "New")], [organization(1)], zendesk:)
    run = PartnerSync.call
    expect([run.status, run.errors.map(&:key)]).to eq([:partial, [account_id(1)]])
    expect(run.errors.first.to_s).to include("run the sync again")
  end

  %i[integer decimal date checkbox].each do |type|
    it "keeps one field of the type #{type} that would be refused, and writes the others" do
      field("seats", type)
      partners([account(1, Account_Owner_Calc__c: "New", Technical_Account_Manager_Name__c: "n/a")], [organization(1)])
      sync = partners_with { field :seats, from: "Technical_Account_Manager_Name__c" }
      run = sync.call
      expect([run.status, fields_of(1)["account_owner"]]).to eq([:applied, "New"])
      expect(run.issues.map { |issue| [issue.kind, issue.accounts] }).to eq([[:unfit_value, [account_id(1)]]])
      expect(run.issues.first.message).to start_with('organization_fields.seats cannot hold "n/a", because it takes ')
      expect(sync.plan).to be_empty
    end
  end

  it "creates an organization without the field that would be refused" do
    field("seats", :integer)
    partners([account(1, Technical_Account_Manager_Name__c: "a few")], [])
    run = partners_with { field :seats, from: "Technical_Account_Manager_Name__c" }.call
    expect([run.summary[:applied], fields_of(1)["seats"]]).to eq([{ create: 1 }, nil])
    expect(run.issues.map(&:kind)).to eq([:unfit_value])
  end

  it "writes a large number into a text once" do
    field("revenue", :text)
    partners([account(1, Support_Hold__c: nil).merge("Restricted_Account__c" => 1e21)], [organization(1)])
    sync = partners_with { field :revenue, from: "Restricted_Account__c" }
    expect(sync.call.summary[:applied]).to eq(update: 1)
    expect(sync.plan).to be_empty
  end
end
