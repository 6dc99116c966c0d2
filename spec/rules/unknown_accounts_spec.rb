# frozen_string_literal: true

require_relative "../support/partner_world"

# Keeps, counts and tells what cannot be known: it is neither empty nor gone.
RSpec.describe "What an organization sync cannot know" do
  include PartnerWorld

  let(:architect) { "005000000000001AAA" }

  # Accounts that name an architect, whom the integration user cannot see.
  def hidden(*numbers, **others)
    numbers.map { |number| account(number, Solutions_Architect_Lookup__c: architect, **others) }
  end

  describe "a record that an account names and that cannot be read" do
    it "keeps what stands in Zendesk, and says so" do
      partners(hidden(1, 2, Account_Owner_Calc__c: "New"), [organization(1, solutions_architect: "Ann")])
      run = PartnerSync.call
      expect(run.applied.map { |change| [change.action, change.after.key?(:solutions_architect)] })
        .to match_array([[:update, false], [:create, false]])
      expect(fields_of(1)["solutions_architect"]).to eq("Ann")
      issue = run.issues.find { |one| one.kind == :not_readable }
      expect([issue.accounts, issue.message]).to match([[account_id(1), account_id(2)], /could not be read/])
      expect(run.ledger[:accounts].notes[:not_readable]).to be_positive
    end

    it "clears what stands there where the account names none" do
      partners([account(1)], [organization(1, solutions_architect: "Ann")])
      expect(PartnerSync.plan.changes.map(&:after)).to eq([{ solutions_architect: nil }])
    end

    it "creates no organization whose kind it decides" do
      kinds = { { "Solutions_Architect_Lookup__r.Name" => "Ann" } => "select_partner" }
      partners(hidden(1), [])
      run = partners_with { field :account_type, first_of: kinds }.call
      expect([run.status, run.issues.map(&:kind), run.ledger[:accounts].buckets]).to eq(
        [:unchanged, %i[not_readable not_readable], { not_readable: 1 }]
      )
    end

    it "is the same in stages, by files" do
      dir = File.join(scratch, "data")
      partners(hidden(1), [organization(1, solutions_architect: "Ann")])
      PartnerSync.gather_accounts(dir:)
      PartnerSync.gather_organizations(dir:)
      plan = PartnerSync.compare(dir:)
      expect([plan.changes, plan.issues.map(&:kind)]).to eq([[], [:not_readable]])
    end
  end

  # Account 4 is not there, and was not deleted as far as the integration user sees.
  def vanished(view_all_data)
    partners((1..3).map { |n| account(n) }, (1..4).map { |n| organization(n) }, vanished: [4],
                                                                                salesforce: { view_all_data: })
  end

  def asked
    salesforce.requests.map { |request| request["query"].to_s }.grep(/UserPermissionAccess/).size
  end

  describe "an account that has left no trace, to an integration user who sees all" do
    before { vanished(:granted) }

    it "is gone at once, and told to be" do
      run = PartnerSync.call
      expect([run.issues, run.summary[:applied], asked]).to eq([[], { mark: 1 }, 1])
      expect(run.applied.first.reason).to end_with("it is gone: the integration user sees all records")
    end

    it "is gone in the stage that applies as well" do
      dir = File.join(scratch, "data")
      PartnerSync.gather_accounts(dir:)
      PartnerSync.gather_organizations(dir:)
      PartnerSync.compare(dir:)
      expect(PartnerSync.apply(dir:).summary[:applied]).to eq(mark: 1)
    end
  end

  describe "an account that has left no trace, where nobody can ask for the permission" do
    before { vanished(:unreadable) }

    it "is gone after three full reads in a row, and told until then" do
      runs = Array.new(3) { PartnerSync.call }
      expect(runs.map { |run| run.issues.map(&:kind) }).to eq([[:not_visible], [:not_visible], []])
      expect(runs.first.issues.first.message).to include("sees all records could not be read")
      expect(runs.last.applied.first.reason).to end_with("it is gone, or the integration user may not see it")
    end
  end

  describe "an account that has left no trace" do
    before { vanished(:withheld) }

    it "waits, says an explanation of the account and of the organization" do
      stories = [account_id(4), 1_004, account_id(3)].map { |asked| PartnerSync.explain(asked) }
      expect(stories.map { |story| story.include?("may only be invisible: the integration user does not see all") })
        .to eq([true, true, false])
    end

    it "is gone after three full reads in a row, and told until then" do
      2.times do |read|
        run = PartnerSync.call
        expect([run.status, run.issues.map(&:kind), writes]).to eq([:unchanged, [:not_visible], []])
        expect(run.issues.first.message).to include("in 3 full reads in a row", "in #{read + 1}")
        expect(run.ledger[:organizations].buckets).to include(not_visible: 1)
        expect(run.ledger).to be_balanced
      end
      expect(PartnerSync.call.summary[:applied]).to eq(mark: 1)
    end

    it "is not counted by plans, and from the start when it was there again" do
      3.times { PartnerSync.plan }
      2.times { PartnerSync.call }
      salesforce.replace("Account", (1..4).map { |n| account(n) })
      expect(PartnerSync.call.status).to eq(:unchanged)
      salesforce.replace("Account", (1..3).map { |n| account(n) })
      expect(PartnerSync.call.issues.first.message).to include("by now it was in 1")
    end

    it "marks nothing in the stage that applies either" do
      dir = File.join(scratch, "data")
      PartnerSync.gather_accounts(dir:)
      PartnerSync.gather_organizations(dir:)
      expect(PartnerSync.compare(dir:).changes.map(&:action)).to eq([:mark])
      run = PartnerSync.apply(dir:)
      expect([run.status, run.stale.values.first, writes]).to match([:partial, /did not come/, []])
    end

    it "is gone at once where the declaration says so" do
      at_once = partners_with { mark :mark_for_deletion, look_up: true, after: 1 }
      expect(at_once.call.summary[:applied]).to eq(mark: 1)
    end
  end

  it "marks at once what Salesforce shows as deleted, and what is there but left out" do
    partners([account(1), account(2, Type: "Customer"), account(4)], (1..4).map { |n| organization(n) },
             salesforce: { view_all_data: :withheld })
    expect([PartnerSync.call.summary[:applied], asked]).to eq([{ mark: 2 }, 0])
  end

  it "reads in ranges of ids, also where the declaration wants no Id" do
    partners((1..9).map { |n| account(n) }, (1..9).map { |n| organization(n) }, salesforce: { page_size: 2 })
    expect([PartnerSync.plan.changes, PartnerSync.declaration.account_fields.include?("Id")]).to eq([[], false])
    expect(salesforce.requests.map { |request| request["query"].to_s }.grep(/MIN\(Id\)/)).not_to be_empty
  end

  it "reads on with another cursor, also where the declaration wants no Id" do
    faults = [{ on: :next_page, skip: 1, times: 1, answer: :expire_locator }]
    partners((1..9).map { |n| account(n) }, (1..9).map { |n| organization(n) }, salesforce: { page_size: 2, faults: })
    expect(PartnerSync.plan.changes).to eq([])
  end

  it "goes on where Zendesk counted a day ago, before some were deleted" do
    faults = [{ on: :count, answer: { old_count: { value: 21, seconds_ago: 86_400 } } }]
    partners((1..20).map { |n| account(n) }, (1..20).map { |n| organization(n) }, zendesk: { faults: })
    expect(PartnerSync.plan.changes).to eq([])
  end

  it "decides nothing where a fresh count says that the list is not whole" do
    faults = [{ on: :count, answer: { old_count: { value: 21, seconds_ago: 5 } } }]
    partners((1..20).map { |n| account(n) }, (1..20).map { |n| organization(n) }, zendesk: { faults: })
    expect { PartnerSync.plan }.to raise_error(CrmSync::RemoteError, /20 organizations came of 21/)
  end

  { "Partner 1" => {}, "Big   Co" => { squeezes_blanks: true } }.each do |name, habits|
    it "finds a creation of #{name.inspect} whose answer was lost where the search lags, and it is in the run" do
      faults = [{ on: :create, times: 1, answer: :lost_answer }]
      partners([account(1, Name: name)], [],
               zendesk: { faults:, search_delay: 3_600, uniqueness_delay: 3_600, **habits })
      run = PartnerSync.call
      expect([run.status, run.summary[:applied], zendesk.organizations.size]).to eq([:applied, { create: 1 }, 1])
      expect(PartnerSync.plan).to be_empty
    end
  end
end
