# frozen_string_literal: true

require_relative "../../support/partner_world"

# A plan from a file is held against the declaration and the Zendesk of today: what it says of its own costs, and of how
# many they could concern, counts for nothing.
RSpec.describe "An organization plan from a file" do
  include PartnerWorld

  def path
    File.join(scratch, "sync.plan")
  end

  # Writes the plan of six marks, changed by the block, and sealed as the gem would have sealed that.
  def forge(&)
    partners((1..20).map { |n| account(n) }, (1..26).map { |n| organization(n) })
    rewrite(&)
  end

  # Writes the plan of what there is, likewise.
  def rewrite
    PartnerSync.plan.save(path)
    header, *changes = File.readlines(path).map { |line| JSON.parse(line) }.tap(&:pop)
    yield header, changes
    seal([{ **header, "digest" => digest(changes) }, *changes])
  end

  def digest(changes)
    codec = PartnerSync.planner.codec
    CrmSync::Plan.digest(changes.map { |row| codec.load(row, ->(_) {}) })
  end

  def seal(lines)
    text = lines.map { |line| "#{JSON.generate(line)}\n" }.join
    File.write(path, "#{text}#{JSON.generate(seal: CrmSync::Signature.of(text))}\n")
  end

  def applied
    CrmSync::Plan.load(path).apply
  end

  { "signed" => true, "not signed" => false }.each do |name, signed|
    context "that is #{name}" do
      before { allow(CrmSync::Signature).to receive(:signs?).and_return(false) unless signed }

      it "has budgets for as many as there are, whatever it says" do
        forge { |header, _| header["could_suffer"] = { "mark" => 100_000, "clear" => 100_000 } }
        run = applied
        expect([run.status, run.refusals.join, writes]).to match([:held, /of the kind mark \(at most 5 of 26\)/, []])
        forge { |header, _| header["could_suffer"] = {} }
        expect(applied.status).to eq(:held)
      end

      it "costs what its changes cost, whatever it says" do
        forge { |_, changes| changes.each { |change| change["budgets"] = [] } }
        expect(applied.held.map(&:budgets).uniq).to eq([[:mark]])
      end
    end
  end

  it "takes no organization out of the managed ones, and creates none outside, whatever it says" do
    partners([account(1, Partner_Track__c: "Select"), account(2)], [organization(1)])
    { first: "customer", last: nil }.each do |which, kind|
      rewrite { |_, changes| changes.public_send(which)["after"]["organization_fields"]["account_type"] = kind }
      expect { applied }.to raise_error(CrmSync::StalePlan, /after which its organization would not be a managed one/)
    end
    rewrite { |_, changes| changes.last["after"]["organization_fields"].delete("account_type") }
    expect { applied }.to raise_error(CrmSync::StalePlan, /\(create\) after which/)
  end

  it "counts managed organizations for marks, and for the other budgets those that have an account's id" do
    other = organization(3, account_type: "customer")
    partners([account(1)], [organization(1, account_type: "OPEN_partner"), organization(2, salesforce_id: " "), other])
    counted = CrmSync::Organizations::Populations.new(PartnerSync.declaration).to_h
    expect(counted).to eq(mark: 2, clear: 2)
  end

  it "asks for no account, so that it counts those with an id where a new plan counts those whose account came" do
    forge { nil }
    counts = [PartnerSync.plan, CrmSync::Plan.load(path)].map { |plan| could_suffer_of(plan) }
    expect(counts).to eq([{ mark: 26, clear: 20 }, { mark: 26, clear: 26 }])
  end
end

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
