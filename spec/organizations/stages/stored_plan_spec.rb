# frozen_string_literal: true

require_relative "../../support/partner_world"

# Plans that wait for their stage: what they decided on ages, and may have been done meanwhile.
RSpec.describe "A kept plan of an organization sync" do
  include PartnerWorld

  def dir
    File.join(scratch, "stages")
  end

  def planned
    PartnerSync.gather_accounts(dir:)
    PartnerSync.gather_organizations(dir:)
    PartnerSync.compare(dir:)
  end

  # Writes a file of the folder anew, as somebody could who knows its form.
  def rewrite(name)
    path = File.join(dir, name)
    content = JSON.parse(File.read(path))
    yield content
    File.write(path, JSON.pretty_generate(content))
  end

  def reseal
    rewrite("plan.json") do |plan|
      yield plan if block_given?
      plan["digest"] = CrmSync::Plan.digest(changes(plan))
      plan["seal"] = CrmSync::Signature.of(JSON.generate(plan.except("seal")))
    end
  end

  def changes(_plan)
    codec = CrmSync::Organizations::PlanCodec.new(PartnerSync.declaration)
    folder = CrmSync::Internal::StagesFolder.new(dir)
    folder.changes.map { |row| codec.load(row, ->(_) {}) }
  end

  it "is as old as what it was gathered from" do
    partners([account(1)], [organization(1), organization(2)])
    PartnerSync.gather_accounts(dir:)
    PartnerSync.gather_organizations(dir:)
    rewrite("gathered_accounts.json") do |gathered|
      gathered["at"] = "2020-01-01T00:00:00Z"
      gathered["seal"] = CrmSync::Signature.of(JSON.generate(gathered.except("seal")))
    end
    PartnerSync.compare(dir:)
    expect { PartnerSync.apply(dir:) }.to raise_error(CrmSync::StalePlan, /it is from 2020-01-01T00:00:00Z: too old/)
    expect(writes).to eq([])
  end

  it "creates no second organization when it is applied again, also under another name" do
    partners([account(1)], [])
    planned
    expect(PartnerSync.apply(dir:).status).to eq(:applied)
    made = zendesk.organizations.first
    zendesk.replace([{ **made.slice("id", "organization_fields"), "name" => "Renamed by hand" }])
    run = PartnerSync.apply(dir:)
    expect(run.stale.values).to eq(["organization #{made["id"]} has its account id now"])
    expect(zendesk.organizations.size).to eq(1)
  end

  it "is compared with what is known of the last run where it is applied" do
    partners((1..9).map { |n| account(n) }, (1..3).map { |n| organization(n) })
    planned
    CrmSync::Internal::Memory.new(PartnerSync.declaration, "#{salesforce.url} and #{zendesk.url}").tap do |memory|
      source = CrmSync::SourceCheck::Counts.new(name: :accounts, rows: 100, linked: 0, filled: {})
      memory.keep(CrmSync::SourceCheck.new([source], {}), read_at: 1.hour.ago)
    end
    run = PartnerSync.apply(dir:)
    expect([run.status, run.refusals.join]).to match([:blocked, /accounts came back with 9 rows; there were 100/])
  end

  it "counts against its budgets whatever its files say" do
    partners((1..20).map { |n| account(n) }, (1..26).map { |n| organization(n) })
    planned
    rewrite("not_in_sync.json") { |marks| marks.each { |mark| mark["budgets"] = [] } }
    reseal
    run = PartnerSync.apply(dir:)
    expect([run.status, run.held.map(&:budgets).uniq, run.refusals.join])
      .to match([:held, [[:mark]], /6 changes of the kind mark/])
  end

  it "has budgets for as many as there are, whatever its files say" do
    partners((1..20).map { |n| account(n) }, (1..26).map { |n| organization(n) })
    planned
    reseal { |plan| plan["could_suffer"] = { "mark" => 100_000, "clear" => 100_000 } }
    run = PartnerSync.apply(dir:)
    expect([run.status, run.refusals.join, writes]).to match([:held, /of the kind mark \(at most 5 of 26\)/, []])
  end

  it "leaves no outcome of an earlier run for whoever looks at it later" do
    partners([account(1)], [])
    planned
    PartnerSync.apply(dir:)
    File.write(File.join(dir, "plan.json"), "[]")
    expect { PartnerSync.apply(dir:) }.to raise_error(CrmSync::StalePlan, /it is no plan/)
    expect(File).not_to exist(File.join(dir, "run.json"))
  end

  it "says that it is not signed where there is no secret" do
    partners([account(1)], [])
    allow(CrmSync::Signature).to receive(:signs?).and_return(false)
    planned
    expect(PartnerSync.apply(dir:).problems).to include(/unsigned_plan: nobody signed.*CRM_SYNC_PLAN_SECRET/)
  end

  it "reads no file at the end of a link" do
    partners([account(1)], [])
    planned
    elsewhere = File.join(scratch, "elsewhere.json")
    File.rename(File.join(dir, "salesforce_accounts.json"), elsewhere)
    File.symlink(elsewhere, File.join(dir, "salesforce_accounts.json"))
    expect { PartnerSync.compare(dir:) }.to raise_error(CrmSync::FileError, /accounts\.json: it cannot be opened/)
  end

  it "leaves nothing half written behind when a side cannot be read" do
    partners([account(1)], [], salesforce: { faults: [{ on: :query, answer: :html }] })
    expect { PartnerSync.gather_accounts(dir:) }.to raise_error(CrmSync::RemoteError)
    expect(Dir.children(dir)).to eq([])
  end
end
