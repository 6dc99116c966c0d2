# frozen_string_literal: true

require_relative "../support/partner_world"

# What makes an organization a managed one is never taken from it by the sync, which would lose it: not where no case of
# the declaration holds, and not where an account has another value.
RSpec.describe "The drop-down of an organization sync that makes organizations managed ones" do
  include PartnerWorld

  def wide(policy = :adopt, &)
    partners_with do
      accounts "Account", key: "Account_ID_18__c", where: "Type = 'Partner'"
      outside_managed policy
      class_exec(&) if block_given?
    end
  end

  # The same sync with a drop-down that follows a field.
  def following
    wide { field :account_type, from: "Partner_Track__c" }
  end

  def odd(*numbers, track: "Odd")
    numbers.map { |number| account(number, Partner_Track__c: track, Account_Owner_Calc__c: "New") }
  end

  def kind_of(number) = fields_of(number)["account_type"]

  %i[adopt report].each do |policy|
    it "creates nothing for an account that has no case, and says so in each run, with outside_managed #{policy}" do
      partners(odd(1), [])
      runs = Array.new(2) { wide(policy).call }
      expect(runs.map { |run| [run.status, run.issues.map(&:kind)] }).to eq([[:unchanged, [:unmanaged_value]]] * 2)
      expect([runs.first.ledger[:accounts].buckets, zendesk.organizations]).to eq([{ unmanaged_value: 1 }, []])
      expect(runs.first.issues.first.message)
        .to eq("no case of first_of: gives organization_fields.account_type a value of managed:; no organization is " \
               "created for account #{account_id(1)}")
    end

    it "stays at an organization whose account has no case any more, with outside_managed #{policy}" do
      partners(odd(1), [organization(1)])
      run = wide(policy).call
      expect([run.applied.map(&:after), run.issues.map(&:kind)]).to eq([[{ account_owner: "New" }], [:unmanaged_value]])
      expect([kind_of(1), wide(policy).call.issues.map(&:kind)]).to eq(["open_partner", [:unmanaged_value]])
      salesforce.replace("Account", [{ "Id" => account_id(1), "IsDeleted" => true }])
      expect(wide(policy).call(allow: { accounts: 0 }).applied.map(&:action)).to eq([:mark])
    end
  end

  blank = "gets no value from the account, and needs one of managed:"
  { "no value" => [nil, blank], "a blank" => [" ", blank],
    "another value" => ["customer", 'cannot follow "customer", which is no value of managed:'],
    "an unknown value" => ["Gold", 'has no option "Gold"'] }
    .each do |what, (track, told)|
      it "does not follow a field with #{what}" do
        partners(odd(1, 2, track:), [organization(1)])
        run = following.call
        expect(run.applied.map { |change| [change.action, change.after] }).to eq([[:update, { account_owner: "New" }]])
        expect(run.issues.map(&:accounts)).to eq([[account_id(1), account_id(2)]])
        expect(run.issues.first.message).to start_with("organization_fields.account_type #{told}; it stays as it is")
        expect([zendesk.organizations.size, kind_of(1)]).to eq([1, "open_partner"])
      end
    end

  it "keeps the value of an organization that is adopted, and says that it is still outside" do
    partners(odd(1), [organization(1, account_type: "customer")])
    run = wide.call
    expect([run.applied.map(&:after), run.issues.map(&:kind), kind_of(1)])
      .to eq([[{ account_owner: "New" }], [:unmanaged_value], "customer"])
  end

  it "counts those whose value is not known to managed:, as it does for options" do
    partners(odd(1, 2), [organization(1)])
    expect(CrmSync::UnknownValues.count(wide.call.issues)).to eq("organization_fields.account_type" => 2)
  end

  describe "refuses, with the line and before any service is asked," do
    before { partners([account(1)], []) }

    def refused(sync, message)
      expect { sync.plan }.to raise_error(CrmSync::MappingError, message)
      expect([*salesforce.requests, *zendesk.requests]).to eq([])
    end

    it "a sync that does not set it" do
      unset = Class.new(CrmSync::OrganizationSync) do
        accounts "Account", key: "Id"
        organizations key: :salesforce_id, managed: { account_type: %w[open_partner] }
        attribute :name, from: "Name"
        field :salesforce_id, from: "Id"
      end
      refused(stub_const("UnsetSync", unset),
              /_spec\.rb:\d+: managed: names account_type, .* add: field :account_t/)
    end

    it "a case that would take organizations out of it" do
      sync = wide { field :account_type, first_of: { { "Partner_Track__c" => "Gone" } => "Customer" } }
      refused(sync, /_spec\.rb:\d+: first_of: gives account_type the value "Customer", with/)
    end
  end
end
