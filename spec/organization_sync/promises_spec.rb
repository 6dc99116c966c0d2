# frozen_string_literal: true

require_relative "../support/partner_world"
require_relative "../support/shrinking"

# Promises P2, P3 and P7 of the organization sync, over random partners and random trouble at Zendesk's end: whatever
# goes wrong on the way, Zendesk comes to what it comes to without trouble; nothing is created twice; the books of each
# run balance; and a run that finds nothing to do sends nothing.
RSpec.describe "What an organization sync promises" do
  include PartnerWorld
  include Shrinking

  let(:owners) { ["Owner 1", "New", nil] }
  let(:allow_all) { { mark: 99, clear: 99, accounts: 0, organizations: 0 } }

  # Accounts and organizations of so many partners, some on one side only, some different, some marked.
  def random_sides(size, random)
    numbers = (1..size).to_a
    accounts = numbers.sample(random.rand(1..size), random:).map { |n| account(n, **random_account(random)) }
    organizations = numbers.sample(random.rand(0..size), random:).map do |n|
      organization(n, mark_for_deletion: random.rand(4).zero?, account_owner: owners.sample(random:))
    end
    [accounts, organizations]
  end

  def random_account(random)
    { Account_Owner_Calc__c: owners.sample(random:), Partner_Track__c: %w[Open Select].sample(random:) }
  end

  def random_trouble(random)
    kinds = [
      { on: :create, answer: :lost_answer }, { on: :create, answer: :close },
      { on: :update_many, answer: :lost_answer },
      { on: :update_many, answer: { item_failures: { count: 2, details: "no" } } },
      { on: :update_many, answer: :too_many_jobs }, { on: :job_status, answer: :html },
      { on: :any, answer: { status: { status: 503, body: "" } } }
    ]
    Array.new(random.rand(1..3)) { { **kinds.sample(random:), skip: random.rand(2), times: 1 } }
  end

  # What Zendesk holds in the end, and how many writes a further run sends.
  def settled(sides, faults)
    partners(*sides, zendesk: { faults: })
    # More runs than there are troubles.
    8.times { break if run.status == :unchanged }
    before = writes.size
    expect(run.status).to eq(:unchanged)
    [zendesk.organizations.map { |row| row.slice("name", "organization_fields") }.sort_by { |row| row["name"] },
     writes.size - before]
  ensure
    [@zendesk, @salesforce].each(&:stop)
  end

  # One that could not read a side has sent nothing, and the next one tries again.
  def run
    PartnerSync.call(allow: allow_all).tap { |run| expect(run.ledger).to be_balanced }
  rescue CrmSync::RemoteError
    Struct.new(:status).new(:failed)
  end

  15.times do |seed|
    it "is kept, with seed #{seed}" do
      shrinking(12) do |size|
        random = Random.new(seed)
        sides = random_sides(size, random)
        expected, = settled(sides, [])
        held, more = settled(sides, random_trouble(random))
        keys = held.map { |row| row["organization_fields"]["salesforce_id"] }
        expect([held, more, keys.uniq]).to eq([expected, 0, keys])
      end
    end
  end
end
