# frozen_string_literal: true

require_relative "../support/partner_world"

# Each hazard that a sync of partners has to handle, by its name.
RSpec.describe "Hazards of an organization sync" do
  include PartnerWorld

  def kinds(issues)
    issues.map(&:kind)
  end

  def fault(on, answer, **more)
    { zendesk: { faults: [{ on:, times: 1, answer:, **more }] } }
  end

  describe "Salesforce result empty, truncated, or its filter field unreadable" do
    it "decides nothing on a result that is cut off in the middle of its pages" do
      faults = [{ on: :next_page, answer: :skip_page, times: 1 }]
      partners((1..9).map { |n| account(n) }, (1..9).map { |n| organization(n) }, salesforce: { page_size: 2, faults: })
      # In an order of its own it cannot be read in ranges of ids.
      sorted = partners_with do
        accounts "Account", key: "Account_ID_18__c", where: "#{declaration.accounts.where} ORDER BY Name"
      end
      expect { sorted.call }.to raise_error(CrmSync::RemoteError)
      expect(writes).to eq([])
    end

    it "says which field cannot be read, and writes nothing" do
      partners([account(1)], [organization(2)], salesforce: { fields: { "Account" => account(1).keys - ["Type"] } })
      expect { PartnerSync.call }.to raise_error(CrmSync::MappingError, /partner_sync.rb:\d+: .*Type/)
      expect(writes).to eq([])
    end

    # Too few rows, and blank fields: see spec/plan/source_check/organizations_spec.rb.
    it "marks nothing when nothing comes" do
      partners([], [organization(1)])
      expect(PartnerSync.call.status).to eq(:blocked)
      expect(writes).to eq([])
    end
  end

  describe "Zendesk list cut short" do
    %i[skip_page early_end].each do |answer|
      it "creates nothing again when pages are missing (#{answer})" do
        rows = (1..9).map { |n| organization(n) }
        partners((1..9).map { |n| account(n) }, rows,
                 zendesk: { page_size: 2, faults: [{ on: :organizations, skip: 1, times: 1, answer: }] })
        expect { PartnerSync.call }.to raise_error(CrmSync::RemoteError, /not whole/)
        expect(writes).to eq([])
      end
    end
  end

  describe "Partner becomes customer" do
    it "marks the organization, and the plan says what the account is now" do
      partners([account(1), account(2, Type: "Customer")], [organization(1), organization(2)])
      change = PartnerSync.plan.changes.first
      expect([change.action, change.key]).to eq([:mark, account_id(2)])
      expect(change.reason).to include("no account has the id #{account_id(2)}",
                                       "it is there, but the declaration leaves it out; Type: Customer, " \
                                       "Partners_Partner_Status__c: Authorized")
    end

    it "tells an account that is gone from one that is left out" do
      partners([account(1)], [organization(1), organization(2)])
      expect(PartnerSync.plan.changes.first.reason).to end_with(": it was deleted")
    end

    it "looks nothing up where the declaration does not want it" do
      partners([account(1)], [organization(1), organization(2)])
      trusting = partners_with { mark :mark_for_deletion, look_up: false }
      expect(trusting.plan.changes.first.reason).to eq("no account has the id #{account_id(2)}")
      expect(salesforce.requests.map { |request| request["path"] }.grep(/composite/)).to eq([])
    end
  end

  describe "Customer becomes partner" do
    before { partners([account(1)], [organization(1, account_type: "customer", name: "Known as this")]) }

    it "updates the organization that has the id, and creates none" do
      run = PartnerSync.call
      expect(run.summary[:applied]).to eq(update: 1)
      expect([zendesk.organizations.size, fields_of(1)["account_type"]]).to eq([1, "open_partner"])
      expect(run.applied.first.reason).to include("is not managed yet")
    end

    it "reports it where the declaration wants that, and creates none" do
      run = partners_with { outside_managed :report }.call
      expect([run.status, kinds(run.issues), writes]).to eq([:unchanged, [:outside_managed], []])
      expect(run.issues.first.organizations).to eq([1_001])
    end
  end

  describe "Two organizations with one salesforce_id" do
    it "writes neither, and lists both" do
      partners([account(1, Name: "Renamed")], [organization(1), organization(1, id: 5, name: "Twin")])
      run = PartnerSync.call
      expect([run.status, kinds(run.issues), writes]).to eq([:unchanged, [:duplicated_key], []])
      expect(run.issues.first.organizations).to eq([5, 1_001])
      expect(run.ledger[:organizations].buckets).to eq(duplicated_key: 2)
    end
  end

  describe "Two account rows with one id" do
    it "writes none, and lists it" do
      partners([account(1), { **account(1, Name: "Another"), "Id" => account_id(8) }], [organization(1)])
      run = PartnerSync.call
      expect([kinds(run.issues), run.issues.first.accounts, writes]).to eq([[:duplicated_key], [account_id(1)], []])
      expect(run.ledger[:accounts].buckets).to eq(duplicated_key: 2)
    end
  end

  describe "Blank or malformed salesforce_id on a partner organization" do
    it "reports it; it is never matched and never marked" do
      partners([account(1)], [organization(1), organization(2, salesforce_id: ""), organization(3, salesforce_id: "x")])
      run = PartnerSync.call
      expect([run.status, kinds(run.issues), writes]).to eq([:unchanged, %i[blank_key malformed_key], []])
      expect(run.issues.flat_map(&:organizations)).to eq([1_002, 1_003])
    end
  end

  describe "15- versus 18-character ids, stray spaces" do
    it "takes them for one id: nothing is created, and nothing is marked" do
      partners([account(1), account(2, Account_ID_18__c: account_id(2)[0, 15])],
               [organization(1, salesforce_id: " #{account_id(1)[0, 15]} "), organization(2)])
      plan = PartnerSync.plan
      expect([plan.changes, plan.issues]).to eq([[], []])
    end
  end

  describe "Name already taken" do
    it "reports the holder, and goes on with the others" do
      partners([account(1, Name: " big CO"), account(2)], [{ "id" => 7, "name" => "Big Co" }])
      run = PartnerSync.call
      expect([kinds(run.issues), run.issues.first.organizations]).to eq([[:name_taken], [7]])
      expect(run.applied.map(&:key)).to eq([account_id(2)])
    end

    it "names the holder that came after the list was read" do
      partners([account(1)], [])
      plan = PartnerSync.plan
      zendesk.replace([{ "id" => 7, "name" => "PARTNER 1" }])
      run = plan.apply
      expect([run.status, run.errors.map(&:key)]).to eq([:partial, [account_id(1)]])
      expect(run.errors.first.to_s).to include("name_taken", "(organization 7)")
    end

    it "takes the organization for the account's where the declaration says so" do
      partners([account(1)], [{ "id" => 7, "name" => "partner 1" }])
      run = partners_with { name_taken :adopt }.call
      expect([run.summary[:applied], zendesk.organizations.size]).to eq([{ update: 1 }, 1])
      expect(fields_of(1)["account_type"]).to eq("open_partner")
    end
  end

  describe "Job says \"completed\" with failed items" do
    it "gives 99 named errors and 1 applied change; the next run tries just those 99" do
      failing = fault(:update_many, { item_failures: { count: 99, details: "Account owner: is unknown" } })
      partners((1..100).map { |n| account(n, Account_Owner_Calc__c: "New") }, (1..100).map { |n| organization(n) },
               **failing)
      run = PartnerSync.call
      expect([run.status, run.applied.size, run.errors.size]).to eq([:partial, 1, 99])
      expect(run.errors.map(&:to_s)).to all(match(/\A001\w{15}: .*Account owner: is unknown.*OrganizationUpdateFailed/))
      expect(run.ledger[:changes].buckets).to include(applied: 1, failed: 99)
      expect(run.ledger).to be_balanced
      again = PartnerSync.call
      expect(again.applied.map(&:key)).to match_array(run.errors.map(&:key))
      expect(PartnerSync.plan).to be_empty
    end
  end

  describe "Create timed out" do
    it "looks for the organization before it tries again, and creates one" do
      partners([account(1)], [], **fault(:create, :lost_answer))
      expect(PartnerSync.call.summary[:applied]).to eq(create: 1)
      expect(zendesk.organizations.size).to eq(1)
      expect(zendesk.requests.map { |request| request["path"] }.grep(/search/)).not_to be_empty
    end
  end

  describe "Same organization in an update and a mark" do
    it "gets one change, and is never in two jobs at once" do
      rows = (1..250).map { |n| organization(n, mark_for_deletion: n <= 5) }
      partners((1..245).map { |n| account(n, Account_Owner_Calc__c: "New") }, rows)
      plan = PartnerSync.plan
      expect(plan.changes.map(&:key).uniq.size).to eq(plan.changes.size)
      expect(plan.apply.status).to eq(:applied)
      expect(zendesk.jobs.flat_map { |job| job["organization_ids"] }.tally.values.uniq).to eq([1])
    end
  end

  describe "null versus \"\", date forms, checkbox null versus false" do
    it "plans nothing for values that mean the same" do
      blank = { technical_account_manager: "", support_hold: nil, restricted_account: false,
                org_in_escalated_state: nil, account_owner: " Owner 1 " }
      partners([account(1, Technical_Account_Manager_Name__c: nil)], [organization(1, **blank)])
      expect(PartnerSync.plan).to be_empty
    end
  end

  describe "Formula and lookup fields" do
    it "reads everything in every run, so that a change without a new stamp is seen" do
      partners([account(1, SystemModstamp: "2020-01-01T00:00:00.000+0000")], [organization(1)],
               salesforce: { fields: {} })
      PartnerSync.call
      stamp = { SystemModstamp: "2020-01-01T00:00:00.000+0000" }
      salesforce.replace("Account", [account(1, Account_Owner_Calc__c: "Formula", **stamp)])
      expect(PartnerSync.call.applied.first.after).to eq(account_owner: "Formula")
    end
  end

  describe "Field key missing in Zendesk" do
    def without(key, **instead)
      fields = organization_fields.reject { |field| field[:key] == key }
      fields << { key:, **instead } if instead.any?
      partners([account(1)], [], zendesk: { organization_fields: fields })
    end

    it "says so before anything is written, with the line of the declaration" do
      without("account_owner")
      expect { PartnerSync.call }
        .to raise_error(CrmSync::MappingError,
                        /partner_sync\.rb:\d+: the organization field account_owner is not there/)
      expect(writes).to eq([])
    end

    it "says so for a field of another type, one that is switched off, and an option that is missing" do
      { { type: :integer } => /type integer; equals: needs a checkbox/,
        { type: :checkbox, active: false } => /is switched off/,
        { type: :multiselect } => /type multiselect; here it must be/ }.each do |instead, message|
        without("restricted_account", **instead)
        expect { PartnerSync.plan }.to raise_error(CrmSync::MappingError, message)
        [zendesk, salesforce].each(&:stop)
      end
      without("account_type", type: :dropdown, custom_field_options: %w[open_partner select_partner])
      expect { PartnerSync.plan }.to raise_error(CrmSync::MappingError, /no option with the tag "alliance_partner"/)
    end
  end

  describe "Concurrent human edits between gather and write" do
    it "leaves what a person has changed, and says so" do
      partners([account(1, Account_Owner_Calc__c: "New"), account(2, Account_Owner_Calc__c: "New"), account(3)],
               [organization(1), organization(2), organization(3, mark_for_deletion: true), organization(4)])
      plan = PartnerSync.plan
      zendesk.replace([organization(1, account_owner: "By hand"), organization(2),
                       organization(3, salesforce_id: account_id(9), mark_for_deletion: true),
                       organization(4, account_type: "customer")])
      run = plan.apply
      expect([run.status, run.applied.map(&:key)]).to eq([:partial, [account_id(2)]])
      expect(run.stale.transform_keys(&:key)).to eq(
        account_id(1) => 'organization_fields.account_owner is "By hand" now, and was "Owner 1"',
        account_id(3) => "its account id is \"#{account_id(9)}\" now", account_id(4) => "it is not managed any more"
      )
      expect(fields_of(1)["account_owner"]).to eq("By hand")
    end
  end
end
