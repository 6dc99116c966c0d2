# frozen_string_literal: true

require_relative "../../support/partner_world"

# The point of acceptance: nothing is marked when Salesforce hiccups, with few partners and with many.
RSpec.describe "An organization sync when Salesforce hiccups" do
  include PartnerWorld

  def marked
    zendesk.organizations.count { |row| row["organization_fields"]["mark_for_deletion"] }
  end

  # With a first run behind it; +forgotten+ as in a CI job whose disk is new.
  def after_a_good_run(count, forgotten:)
    partners((1..count).map { |n| account(n) }, (1..count).map { |n| organization(n) })
    PartnerSync.call unless forgotten
  end

  def expect_blocked(run, why)
    expect(run.refusals.join).to match(why).and include("PartnerSync.call(allow: { accounts: ")
    blocked = run.ledger[:changes].buckets[:blocked]
    expect([run.status, blocked, marked, writes]).to eq([:blocked, run.plan.changes.size, 0, []])
  end

  [10, 40, 4_000].product([false, true]).each do |count, forgotten|
    context "with #{count} partners, #{forgotten ? "and no memory of a last run" : "after a good run"}" do
      before { after_a_good_run(count, forgotten:) }

      it "marks nothing when Salesforce returns nothing" do
        salesforce.replace("Account", [])
        expect_blocked(PartnerSync.call, /accounts came back empty/)
      end

      it "marks nothing when under half of the accounts come" do
        salesforce.replace("Account", (1...(count / 2)).map { |n| account(n) })
        before = CrmSync::Presentable.count(count)
        expect_blocked(PartnerSync.call, /accounts came back with [\d,]+ rows; (there were )?#{before} /)
      end

      it "marks nothing when the field that filters turned blank" do
        salesforce.replace("Account", (1..count).map { |n| account(n, Type: nil) })
        expect_blocked(PartnerSync.call, /accounts came back empty/)
      end
    end
  end

  it "does nothing when under half of the accounts come that organizations have, though there are as many as ever" do
    after_a_good_run(10, forgotten: true)
    others_deleted((1..10).map { |n| n <= 4 ? account(n) : account(n + 100) })
    run = PartnerSync.call
    expect([run.status, marked, writes]).to eq([:blocked, 0, []])
    expect(run.refusals.join).to include("of the 10 accounts that organizations are linked to, only 4 came",
                                         "PartnerSync.call(allow: { linked: 4 })")
    expect(PartnerSync.call(allow: { linked: 4 }).status).to eq(:held)
  end

  it "marks nothing when the field that tells the kinds of partners turned blank everywhere" do
    every_partner = partners_with { accounts "Account", key: "Account_ID_18__c" }
    after_a_good_run(10, forgotten: true)
    every_partner.call
    salesforce.replace("Account", (1..10).map { |n| account(n, Partner_Track__c: nil) })
    run = every_partner.call
    expect(run.status).to eq(:blocked)
    expect(run.refusals.join).to include("none of the 10 accounts has Partner_Track__c; some had last time")
    expect([marked, writes]).to eq([0, []])
  end

  it "goes on when somebody found that so few are right" do
    after_a_good_run(40, forgotten: false)
    others_deleted((1..19).map { |n| account(n) })
    run = PartnerSync.call(allow: { accounts: 19, mark: 21 })
    expect([run.status, marked]).to eq([:applied, 21])
  end

  it "holds marks above the budget, and does all else" do
    after_a_good_run(40, forgotten: false)
    others_deleted((7..40).map { |n| account(n, **(n == 7 ? { Account_Owner_Calc__c: "New" } : {})) })
    run = PartnerSync.call
    expect(run.status).to eq(:held)
    expect(run.refusals.join).to include("6 changes of the kind mark (at most 5 of 40)", "#{account_id(1)}, ",
                                         "PartnerSync.call(allow: { mark: 6 })")
    expect([marked, run.applied.map(&:key)]).to eq([0, [account_id(7)]])
    expect(PartnerSync.call(allow: { mark: 6 }).status).to eq(:applied)
    expect(marked).to eq(6)
  end

  it "writes nothing at all where a budget blocks" do
    strict = partners_with { over_budget :mark, :block }
    after_a_good_run(40, forgotten: true)
    others_deleted((7..40).map { |n| account(n, **(n == 7 ? { Account_Owner_Calc__c: "New" } : {})) })
    run = strict.call
    expect([run.status, run.plan.blocked?, writes]).to eq([:blocked, true, []])
    expect(run.refusals.join).to match(/blocked, nothing was written: 6 changes of the kind mark .*allow: { mark: 6 }/)
    expect(strict.call(allow: { mark: 6 }).status).to eq(:applied)
  end

  it "knows no other budgets" do
    expect { partners_with { over_budget :unlink, :block } }
      .to raise_error(CrmSync::MappingError, /:unlink names no budget; .*\[:mark, .*:all\]/)
  end

  it "holds values back that would be cleared in many organizations" do
    after_a_good_run(40, forgotten: false)
    salesforce.replace("Account", (1..40).map { |n| account(n, Account_Owner_Calc__c: nil) })
    run = PartnerSync.call
    expect([run.status, run.held.size, writes]).to eq([:held, 40, []])
    expect(run.refusals.join).to include("kind clear")
  end

  it "stops when the organizations look cut short" do
    after_a_good_run(40, forgotten: false)
    zendesk.replace((1..10).map { |n| organization(n) })
    run = PartnerSync.call
    expect(run.status).to eq(:blocked)
    expect(run.refusals.join).to include("organizations came back with 10 rows; there were 40 last time")
    expect(writes).to eq([])
  end

  it "refuses an allowance for what there is not" do
    after_a_good_run(1, forgotten: true)
    expect do
      PartnerSync.call(allow: { marks: 1 })
    end.to raise_error(ArgumentError, /there is no :marks; did you mean :mark\?/)
  end
end
