# frozen_string_literal: true

require "rails_helper"
require "support/partner_world"

# Organizations that are found by the account's id in external_id, as Zendesk's own connector writes it.
RSpec.describe "organizations key: :external_id" do
  include PartnerWorld

  let(:customers) { declare { organizations key: :external_id } }

  def declare(&rest) # rubocop:disable Naming/BlockForwarding -- Ruby 3.3.0 forbids it within a block
    stub_const("CustomerSync", Class.new(CrmSync::OrganizationSync)).tap do |sync|
      sync.accounts "Account", key: "Id"
      sync.attribute :name, from: "Name"
      sync.field :account_owner, from: "Account_Owner_Calc__c"
      sync.class_exec(&rest) # rubocop:disable Naming/BlockForwarding
    end
  end

  def held_by(number, id: 1_000 + number, external_id: account_id(number), **fields)
    { "id" => id, "name" => "Partner #{number}", "external_id" => external_id,
      "organization_fields" => { "account_owner" => "Owner #{number % 7}", **fields.transform_keys(&:to_s) } }
  end

  def by_external_id
    zendesk.organizations.to_h { |row| [row["external_id"], row] }
  end

  def path
    File.join(scratch, "sync.plan")
  end

  # One that follows, one that differs, one with a short id, one of another system's, one without an id, one whose
  # account is not read.
  def world
    partners([1, 2, 3, 4].map { |number| account(number) },
             [held_by(1), held_by(2, account_owner: "Old"), held_by(3, external_id: account_id(3).first(15)),
              held_by(5, external_id: "crm-77"), held_by(6, external_id: nil), held_by(7)])
  end

  it "updates and creates by it, and leaves alone what others have written there" do
    world
    run = customers.call
    expect([run.status, run.issues]).to eq([:applied, []])
    expect(run.applied.map { |change| [change.action, change.key] })
      .to eq([[:update, account_id(2)], [:create, account_id(4)]])
    expect(run.ledger[:organizations].buckets).to include(unchanged: 2, update: 1, unmanaged: 2, without_account: 1)
    expect(run.ledger).to be_balanced
    expect(by_external_id.fetch(account_id(4))).to include("name" => "Partner 4")
    expect(by_external_id).to include("crm-77", account_id(3).first(15))
    expect(customers.plan).to be_empty
  end

  it "explains an account and an organization by it" do
    world
    expect(customers.explain(account_id(2))).to include("organization 1002", "update: the organization has the id of")
    expect(customers.explain(1005)).to include("no account id that could be read", "is not managed", "nothing is to be")
  end

  it "keeps plans in files, with the budgets of the plan" do
    world
    plan = customers.plan
    plan.save(path)
    loaded = CrmSync::Plan.load(path)
    expect(CrmSync::Organizations::Populations.new(customers.declaration).to_h.transform_keys(&:to_s))
      .to eq(could_suffer_of(plan).transform_keys(&:to_s).merge("clear" => 5))
    expect(loaded.apply.applied.size).to eq(2)
    expect(customers.plan).to be_empty
  end

  it "leaves out what has another id meanwhile" do
    world
    plan = customers.plan
    zendesk.replace(zendesk.organizations.map { |row| row["id"] == 1002 ? row.merge("external_id" => "crm-78") : row })
    expect(plan.apply.stale.transform_keys(&:key))
      .to eq(account_id(2) => 'its account id is "crm-78" now')
  end

  context "with a history" do
    using_database :sqlite

    def written
      zendesk.organizations.map { |row| row.slice("name", "external_id", "organization_fields") }
    end

    it "puts back what it has written" do
      world
      before = written
      customers.call.undo!
      expect(written.first(before.size)).to eq(before)
    end
  end

  it "writes it to an organization that is adopted for its name" do
    customers.name_taken :adopt
    partners([account(1), account(2)], [held_by(1, external_id: nil), held_by(2, external_id: "crm-2")])
    run = customers.call
    expect(run.applied.map { |change| [change.action, change.key, change.after] })
      .to eq([[:update, account_id(1), { external_id: account_id(1) }]])
    expect([run.issues.map(&:kind), by_external_id.keys]).to eq([[:name_taken], [account_id(1), "crm-2"]])
  end

  it "marks the managed ones where the declaration says which they are" do
    marking = declare do
      organizations key: :external_id, managed: { account_type: %w[customer] }
      field :account_type, first_of: { { "Type" => "Customer" } => "customer" }
      mark :mark_for_deletion
    end
    world
    zendesk.replace(zendesk.organizations.map { |row| row["id"].in?([1001, 1007]) ? tagged(row) : row })
    salesforce.replace("Account", [account(1), account(7, IsDeleted: true)])
    run = marking.call
    expect(run.applied.map { |change| [change.action, change.key] }).to eq([[:mark, account_id(7)]])
  end

  def tagged(row)
    row.merge("organization_fields" => { **row["organization_fields"], "account_type" => "customer" })
  end

  it "gathers, compares and applies by stages" do
    world
    dir = File.join(scratch, "data")
    customers.gather_accounts(dir:)
    customers.gather_organizations(dir:)
    expect(customers.compare(dir:).changes.map(&:action)).to eq(%i[update create])
    expect(customers.apply(dir:).status).to eq(:applied)
    expect(customers.plan).to be_empty
  end
end
