# frozen_string_literal: true

require "rails_helper"
require_relative "../../support/partner_world"

# Covers the history of an organization sync where there is a database, and acceptance 5 of "Trust": undo! after a run
# with later human edits: the edits stay.
RSpec.describe "the history of an organization sync" do
  include PartnerWorld

  def runs
    PartnerSync.runs
  end

  # A person's edit of an organization.
  def edit(number, **fields)
    rows = zendesk.organizations.map do |row|
      next row unless row["organization_fields"]["salesforce_id"] == account_id(number)

      row.merge("organization_fields" => row["organization_fields"].merge(fields.transform_keys(&:to_s)))
    end
    zendesk.replace(rows)
  end

  on_each_database do
    let(:accounts) { [account(1), account(2, Account_Owner_Calc__c: "New"), account(3), account(5, Name: "Five Inc")] }
    let(:organizations) do
      [organization(2), organization(3, mark_for_deletion: true), organization(4), organization(5)]
    end

    before { partners(accounts, organizations) }

    def state
      zendesk.organizations.to_h { |row| [row["id"], [row["name"], row["organization_fields"]]] }
    end

    it "has each change, and where it was made" do
      run = PartnerSync.call
      expect(run.status).to eq(:applied)
      past = runs.first
      expect(past).to have_attributes(id: run.id, status: :applied, sync: "PartnerSync")
      expect(past.changes.map { |change| [change.action, change.key, change.organization_id.nil?, change.outcome] })
        .to match_array([1, :create, 2, :update, 3, :unmark, 4, :mark, 5, :update].each_slice(2).map do |number, action|
          [action, account_id(number), false, :applied]
        end)
      expect(past.changes.find { |change| change.key == account_id(2) })
        .to have_attributes(before: { account_owner: "Owner 2" }, after: { account_owner: "New" }, name: "Partner 2")
    end

    it "puts back updates, marks and unmarks, and lists what was created; the next run does not do it again" do
      before = state
      run = PartnerSync.call
      undone = run.undo!
      expect(undone.status).to eq(:partial)
      expect(undone.applied.map(&:key)).to match_array([2, 3, 4, 5].map { |number| account_id(number) })
      created = by_account.fetch(account_id(1)).first["id"]
      expect(undone.stale.transform_keys(&:key))
        .to eq(account_id(1) => "organization #{created} was created, and stays")
      expect(undone.ledger[:changes].buckets).to include(applied: 4, stale: 1)
      expect(undone.issues.map(&:kind)).to eq([:not_undone])
      expect(state.except(created)).to eq(before)

      again = PartnerSync.call
      expect([again.applied, again.issues.map(&:kind)]).to eq([[], [:undone]])
      expect(again.issues.first.accounts).to match_array([2, 3, 4, 5].map { |number| account_id(number) })
      expect(again.ledger[:organizations].buckets).to include(undone: 4)
      expect(state.except(created)).to eq(before)
    end

    it "lets later human edits stay, and lists them" do
      run = PartnerSync.call
      edit(2, account_owner: "By hand")
      edit(4, mark_for_deletion: false)
      undone = run.undo!
      expect(undone.applied.map(&:key)).to match_array([3, 5].map { |number| account_id(number) })
      expect(undone.stale.transform_keys(&:key)).to include(
        account_id(2) => /account_owner is "By hand" now, and was "New", not by this sync, after \d{4}-/,
        account_id(4) => /\Ait is so already, not by this sync, after \d{4}-/
      )
      expect(fields_of(2)["account_owner"]).to eq("By hand")
      expect(fields_of(4)["mark_for_deletion"]).to be(false)
    end

    it "undoes an undo, after which the sync follows Salesforce again" do
      run = PartnerSync.call
      after = state
      redone = run.undo!.undo!
      expect([redone.status, redone.applied.map(&:action).uniq]).to eq([:applied, [:redo]])
      expect(state).to eq(after)
      expect(PartnerSync.call).to have_attributes(status: :unchanged, issues: [])
    end
  end

  describe "on one database" do
    using_database :sqlite

    it "freezes a mark that somebody takes back again and again, until it is thawed" do
      partners([account(2)], [organization(1), organization(2)])
      3.times do
        expect(PartnerSync.call.applied.map(&:action)).to eq([:mark])
        edit(1, mark_for_deletion: false)
      end
      run = PartnerSync.call
      expect([run.status, run.issues.map(&:kind)]).to eq([:unchanged, [:frozen]])
      expect(run.issues.first).to have_attributes(accounts: [account_id(1)], organizations: [1_001])
      expect(run.issues.first.message).to include("mark_for_deletion is frozen at",
                                                  %(PartnerSync.thaw("#{account_id(1)}")))
      expect(run.ledger[:organizations].buckets).to include(frozen: 1)
      expect(PartnerSync.thaw(account_id(1))).to eq([:mark_for_deletion])
      expect(PartnerSync.call.applied.map(&:action)).to eq([:mark])
    end

    it "is respected when the stages run one by one" do
      partners([account(1, Account_Owner_Calc__c: "New")], [organization(1)])
      PartnerSync.call.undo!
      dir = File.join(scratch, "stages")
      PartnerSync.gather_accounts(dir:)
      PartnerSync.gather_organizations(dir:)
      expect(PartnerSync.compare(dir:).changes.size).to eq(1)
      run = PartnerSync.apply(dir:)
      expect([run.status, run.issues.map(&:kind)]).to eq([:unchanged, [:undone]])
      expect(fields_of(1)["account_owner"]).to eq("Owner 1")
    end

    it "has no row for what Zendesk refused, and one for what it may have written" do
      failing = [{ on: :update_many, answer: { item_failures: { count: 1, details: "no" } } }]
      partners((1..2).map { |n| account(n, Account_Owner_Calc__c: "New") }, (1..2).map { |n| organization(n) },
               zendesk: { faults: failing })
      run = PartnerSync.call
      expect(run.errors.size).to eq(1)
      changes = runs.first.changes
      expect(changes.map { |change| [change.key, change.outcome] }).to eq([[run.applied.first.key, :applied]])
    end

    it "knows what a run had sent when it was killed, and undoes what came of that" do
      numbers = [1, 2]
      partners(numbers.map { |n| account(n, Account_Owner_Calc__c: "New") }, numbers.map { |n| organization(n) },
               zendesk: { job_seconds: 100, clock_speed: 20 })
      child = start_rails_runner("PartnerSync.call", env: pointing_here)
      eventually { zendesk.jobs.any? }
      child.kill
      expect(runs.map { |run| [run.status, run.changes.map(&:outcome)] }).to eq([[:running, %i[sent sent]]])
      zendesk.advance(100)
      expect(PartnerSync.explain(1_001)).to include("sent, the answer is not known  account_owner: Owner 1 → New")
      edit(2, account_owner: "By hand")
      undone = runs.first.undo!
      expect([undone.applied.map(&:key), undone.stale.keys.map(&:key)]).to eq([[account_id(1)], [account_id(2)]])
      expect([1, 2].map { |n| fields_of(n)["account_owner"] }).to eq(["Owner 1", "By hand"])
      expect(runs.map(&:status)).to eq(%i[partial interrupted])
    end

    it "is not undone in another Zendesk" do
      partners([account(1, Account_Owner_Calc__c: "New")], [organization(1)])
      run = PartnerSync.call
      there = zendesk.url
      [zendesk, salesforce].each(&:stop)
      partners([], [organization(1, account_owner: "New")])
      expect { run.undo! }.to raise_error(CrmSync::ConfigurationError, /run #{run.id} wrote to #{there}, and /)
      expect(writes).to eq([])
    end

    it "is told by explain, of an account and of an organization" do
      partners([account(1, Account_Owner_Calc__c: "New")], [organization(1)])
      run = PartnerSync.call
      [account_id(1), 1_001].each do |subject|
        expect(PartnerSync.explain(subject)).to match(/run #{run.id}  update  account_owner: Owner 1 → New  \(/)
      end
    end
  end

  # Returns the environment that leads a child process to this process's simulators.
  def pointing_here
    { "CRM_SYNC_SALESFORCE_HOST" => salesforce.url, "CRM_SYNC_SALESFORCE_CLIENT_ID" => "simulator",
      "CRM_SYNC_SALESFORCE_CLIENT_SECRET" => "secret", "CRM_SYNC_ZENDESK_GLOBAL_HOST" => zendesk.url,
      "CRM_SYNC_ZENDESK_GLOBAL_CLIENT_ID" => "simulator", "CRM_SYNC_ZENDESK_GLOBAL_CLIENT_SECRET" => "simulator" }
  end

  describe "without a database" do
    it "is not there, and what needs it says what to run" do
      partners([account(1, Account_Owner_Calc__c: "New")], [organization(1)])
      allow(CrmSync::State).to receive(:database?).and_return(false)
      run = PartnerSync.call
      expect([run.status, run.id]).to eq([:applied, nil])
      [-> { run.undo! }, -> { runs }, -> { PartnerSync.thaw(account_id(1)) }].each do |act|
        expect(&act).to raise_error(CrmSync::ConfigurationError, /tables of crm_sync.*rails db:migrate/)
      end
    end
  end
end
