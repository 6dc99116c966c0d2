# frozen_string_literal: true

require "rails_helper"
require_relative "../../support/partner_world"

# A job says "updated" whatever Zendesk makes of the values: what stands there afterwards is what counts.
RSpec.describe "What stands in Zendesk after a write" do
  include PartnerWorld

  describe "where Zendesk squeezes blanks" do
    before do
      partners([account(1, Account_Owner_Calc__c: "Ann  B.", Name: "Big   Co")], [organization(1)],
               zendesk: { squeezes_blanks: true })
    end

    it "is applied as it is stored, and a second run finds nothing to do" do
      run = PartnerSync.call
      expect([run.status, run.applied.first.after]).to eq([:applied, { name: "Big Co", account_owner: "Ann B." }])
      expect([PartnerSync.plan.changes, PartnerSync.plan.issues]).to eq([[], []])
      expect(PartnerSync.call.status).to eq(:unchanged)
    end

    it "is written again when either side says something else" do
      PartnerSync.call
      zendesk.replace([organization(1, account_owner: "Somebody", name: "Big Co")])
      expect(PartnerSync.plan.changes.map(&:after)).to eq([{ account_owner: "Ann  B." }])
    end
  end

  it "remembers it of organizations that it has created" do
    partners([account(1, Name: "Big   Co")], [], zendesk: { squeezes_blanks: true })
    expect(PartnerSync.call.applied.first.after[:name]).to eq("Big Co")
    expect(PartnerSync.plan).to be_empty
  end

  describe "where a trigger puts a value back" do
    before do
      partners([account(1, Account_Owner_Calc__c: "New"), account(2, Account_Owner_Calc__c: "New", Name: "Other")],
               [organization(1), organization(2)], zendesk: { puts_back: ["account_owner"] })
    end

    it "is refused, and what else was written is applied" do
      run = PartnerSync.call
      expect([run.status, run.applied.map(&:after)]).to eq([:partial, [{ name: "Other" }]])
      expect(run.errors.map(&:exception)).to eq(%w[put_back put_back])
      expect(run.errors.map(&:to_s)).to all(include("account_owner", "trigger"))
      expect(run.ledger).to be_balanced
    end

    it "is not sent again, which an issue tells each time" do
      PartnerSync.call
      run = PartnerSync.call
      expect([run.status, run.issues.map(&:kind), run.issues.first.accounts]).to eq(
        [:unchanged, [:put_back], [account_id(1), account_id(2)]]
      )
      expect(run.ledger).to be_balanced
    end

    it "is sent again when Salesforce says something else" do
      PartnerSync.call
      salesforce.stop
      CrmSync::Testing::Salesforce.start(
        records: { "Account" => [account(1, Account_Owner_Calc__c: "Newer"), account(2, Name: "Other")], "User" => [] }
      ) do
        expect(PartnerSync.plan.changes.map(&:after)).to eq([{ account_owner: "Newer" }])
      end
    end
  end

  it "tries a mark that an app takes off once, and says so" do
    rows = (1..4).map { |n| organization(n) }
    partners((1..3).map { |n| account(n) }, rows, zendesk: { puts_back: ["mark_for_deletion"] })
    run = PartnerSync.call
    expect([run.status, run.errors.map(&:key)]).to eq([:partial, [account_id(4)]])
    again = PartnerSync.call
    expect([again.status, again.issues.map(&:kind)]).to eq([:unchanged, [:put_back]])
  end

  context "with a history" do
    using_database :sqlite

    def history
      CrmSync::ChangeRow.where(sync: "PartnerSync").order(:id).map { |row| [row.outcome, JSON.parse(row.after)] }
    end

    it "keeps what was rewritten as it is stored, so that it can be undone" do
      partners([account(1, Account_Owner_Calc__c: "Ann  B.", Name: "Big   Co")], [organization(1)],
               zendesk: { squeezes_blanks: true })
      run = PartnerSync.call
      expect(history).to eq([["applied", { "name" => "Big Co", "account_owner" => "Ann B." }]])
      expect(run.undo!.status).to eq(:applied)
      expect([zendesk.organizations.first["name"], fields_of(1)["account_owner"]]).to eq(["Partner 1", "Owner 1"])
    end

    it "keeps nothing of what was not taken" do
      partners([account(1, Account_Owner_Calc__c: "New"), account(2, Account_Owner_Calc__c: "New", Name: "Other")],
               [organization(1), organization(2)], zendesk: { puts_back: ["account_owner"] })
      PartnerSync.call
      expect(history).to eq([["applied", { "name" => "Other" }]])
    end

    it "knows a creation as it is stored" do
      partners([account(1, Name: "Big   Co")], [], zendesk: { squeezes_blanks: true })
      PartnerSync.call
      expect(history.first.last["name"]).to eq("Big Co")
    end

    it "knows nothing for certain of what could not be read back" do
      faults = [{ on: :lookup, skip: 1, answer: { status: { status: 500 } } }]
      partners([account(1, Account_Owner_Calc__c: "New")], [organization(1)], zendesk: { faults: })
      PartnerSync.call
      expect(history.map(&:first)).to eq(["sent"])
    end
  end

  it "is not known where it cannot be read back" do
    faults = [{ on: :lookup, skip: 1, answer: { status: { status: 500 } } }]
    partners([account(1, Account_Owner_Calc__c: "New")], [organization(1)], zendesk: { faults: })
    run = PartnerSync.call
    expect([run.status, run.applied, run.errors.map(&:key)]).to eq([:partial, [], [account_id(1)]])
    expect(run.errors.first.to_s).to include("could not be read back")
  end
end
