# frozen_string_literal: true

require "rails_helper"
require "support/incremental_world"

# Tenants in one table, or in schemas that share the tables of this gem: partition { Apartment::Tenant.current }.
RSpec.describe "a host with partitions" do
  include IncrementalWorld

  let(:ann) { contact("ann@b.edu", faculty: "Confirmed") }

  before do
    tenants = tenants()
    stub_const("Person", Class.new(ApplicationRecord) { self.table_name = "users" })
    Person.has_many(:contact_infos, foreign_key: :user_id)
    Person.scope(:of_tenant, -> { where(last_name: tenants.last) })
  end

  # The tenant of this moment is the last one.
  def tenants = @tenants ||= ["one"]

  def in_tenant(name)
    tenants.push(name)
    yield
  ensure
    tenants.pop
  end

  def tenant_sync(&more)
    tenants = tenants()
    stub_const("TenantSync", Class.new(CrmSync::ContactSync)).tap do |sync|
      sync.contacts "Contact"
      sync.model "Person", foreign_key: :salesforce_contact_id, scope: :of_tenant
      sync.match_by(:contact_infos, column: :value, to: %w[Email Email_alt__c], leads: %w[Email]) { trust :verified }
      sync.attribute :faculty_status, from: "Faculty_Verified__c", privileged: 2, map: { "Confirmed" => 2, nil => 0 }
      sync.partition { tenants.last }
      sync.class_exec(&more) if more
    end
  end

  def person(tenant, email = "ann@b.edu", **columns) = create_user(last_name: tenant, email:, **columns)

  def held(lock)
    held = Queue.new
    go = Queue.new
    holder = job { lock.hold(held: ->(_) { held.push(false) }) { held.push(true) && go.pop } }
    expect(held.pop).to be(true)
    yield
  ensure
    go.push(true)
    holder.join
  end

  on_each_database do
    it "asks for the partition at each run, and keeps the runs of each apart" do
      users = %w[one two].map { |tenant| person(tenant) }
      salesforce_has ann
      sync = tenant_sync
      runs = %w[one two].map { |tenant| in_tenant(tenant) { sync.call } }
      expect(runs.map { |run| run.applied.map(&:key) }).to eq(users.map { |user| [user.id] })
      kept = %w[one two].flat_map { |tenant| in_tenant(tenant) { sync.runs } }
      expect(kept.map { |run| [run.sync, run.partition, run.id] })
        .to eq([["TenantSync", "one", runs[0].id], ["TenantSync", "two", runs[1].id]])
      expect(in_tenant("three") { [sync.runs, sync.last_success] }).to eq([[], nil])
      expect(in_tenant("two") { sync.explain(users[1].id) }).to match(/history, the newest.*\n.* run #{runs[1].id} /)
    end

    it "runs the sync of one while that of another is under way, and not the same one's twice" do
      salesforce_has ann
      sync = tenant_sync
      held(CrmSync::Lock.for("TenantSync[one]", User)) do
        expect(in_tenant("two") { sync.call.status }).to eq(:unchanged)
        expect(sync.call.status).to eq(:skipped)
      end
    end

    it "remembers the sources of each" do
      20.times { |n| person("one", "u#{n}@b.edu") }
      person("two", "u1@b.edu")
      salesforce_has(*Array.new(20) { |n| contact("u#{n}@b.edu") })
      sync = tenant_sync
      expect(sync.call.status).to eq(:applied)
      expect(in_tenant("two") { sync.call.status }).to eq(:applied)
      expect(in_tenant("two") { sync.plan }).not_to be_first_run
      expect(in_tenant("three") { sync.plan }).to be_first_run
    end

    it "counts against the budgets of each what was spent there" do
      rows = Array.new(10) { |n| contact("u#{n}@b.edu") }
      salesforce_has(*rows)
      rows.first(5).each { |row| person("one", row["Email"], salesforce_contact_id: row["Id"], faculty_status: 2) }
      rows.last(5).each { |row| person("two", row["Email"], salesforce_contact_id: row["Id"], faculty_status: 2) }
      sync = tenant_sync
      expect([sync.call.status, in_tenant("two") { sync.call.status }]).to eq(%i[applied applied])
      spent = %w[one two three].map { |tenant| in_tenant(tenant) { sync.plan.summary[:spent] } }
      expect(spent).to eq([{ demote: 5 }, { demote: 5 }, {}])
    end

    it "leaves alone in one only what was undone there" do
      salesforce_has ann
      users = %w[one two].map { |tenant| person(tenant) }
      sync = tenant_sync
      run = sync.call
      run.undo!
      users[0].reload
      expect(sync.call.issues.map(&:message)).to match([/TenantSync.thaw\(#{users[0].id}\) lets/])
      users[0].update_columns(last_name: "two") # as if both had the same key
      expect(in_tenant("two") { sync.call.applied.map(&:key) }).to eq([])
      users[1].update_columns(last_name: "other")
      expect(in_tenant("two") { sync.plan.changes.map(&:key) }).to eq([users[0].id])
    end

    it "refuses a plan, a kept plan and an undo of another one" do
      user = person("one")
      salesforce_has ann
      sync = tenant_sync
      plan = sync.plan
      file = File.join(scratch, "tenant.plan")
      in_tenant("two") do
        plan.save(file)
        expect { plan.apply }
          .to raise_error(CrmSync::ConfigurationError, /made in the partition one, and this is the partition two; go/)
        expect { CrmSync::Plan.load(file) }
          .to raise_error(CrmSync::StalePlan, /it was made for the partition one, and this is two; plan again/)
      end
      expect(user.reload.salesforce_contact_id).to be_nil
      expect(in_tenant("two") { sync.runs }).to eq([])
      run = CrmSync::Plan.load(file).apply
      expect(run.status).to eq(:applied)
      expect { in_tenant("two") { CrmSync::History.find(run.id).undo! } }
        .to raise_error(CrmSync::ConfigurationError, /run #{run.id} is one of the partition one, and this is the part/)
      expect(CrmSync::History.find(run.id).undo!.status).to eq(:applied)
    end

    it "refuses in a partition what was planned or done before there were any" do
      person("one")
      salesforce_has ann
      sync = tenant_sync
      block = sync.declaration.instance_variable_get(:@partitioning)
      sync.declaration.instance_variable_set(:@partitioning, nil)
      plan = sync.plan
      file = File.join(scratch, "whole.plan")
      plan.save(file)
      run = sync.call
      sync.declaration.instance_variable_set(:@partitioning, block)
      expect { plan.apply }.to raise_error(CrmSync::ConfigurationError, /made in no partition, and this is the part/)
      expect { CrmSync::Plan.load(file) }
        .to raise_error(CrmSync::StalePlan, /for the partition \(none\), and this is one/)
      expect { run.undo! }.to raise_error(CrmSync::ConfigurationError, /is one of no partition, and this is/)
    end

    it "sends only what waits in its own outbox" do
      %w[one two].each { |tenant| person(tenant) }
      salesforce_has ann
      sync = tenant_sync { write_back "Fax", with: :last_name, on: :link }
      %w[one two].each { |tenant| User.transaction { in_tenant(tenant) { sync.call } } }
      expect(CrmSync::OutboxRow.pluck(:sync)).to eq(%w[TenantSync[one] TenantSync[two]])
      in_tenant("two") { sync.call }
      expect(salesforce.records("Contact").map { |row| row["Fax"] }).to eq(["two"])
      expect(CrmSync::OutboxRow.pluck(:sync)).to eq(%w[TenantSync[one]])
    end

    it "keeps the rows of each, and knows each one's last read" do
      %w[one two].each { |tenant| person(tenant) }
      org_has ann
      sync = tenant_sync { incremental full_every: 1.day }
      expect(%w[one two].map { |tenant| in_tenant(tenant) { incremental? { sync.call } } }).to eq([false, false])
      expect(snapshots.size).to eq(2)
      expect(%w[one two].map { |tenant| in_tenant(tenant) { incremental? { sync.call } } }).to eq([true, true])
    end
  end

  context "without the migration" do
    without_the_migration

    it "keeps files for each" do
      %w[one two].each { |tenant| person(tenant) }
      salesforce_has ann
      sync = tenant_sync
      sync.call
      expect([sync.last_success, in_tenant("two") { sync.last_success }]).to match([Time, nil])
    end
  end

  describe "whose block gives no name" do
    using_database :sqlite

    { "nil" => [nil, "gives nil, and not a name"], "an empty text" => ["", "gives a blank text"],
      "a blank text" => [" \u00a0", "gives a blank text"], "an object" => [[1], "gives an Array, and not a name"],
      "a long text" => ["x" * 101, "gives a name of more than 100 characters"],
      "control characters" => ["a\0b", "or with control characters"],
      "a damaged text" => ["\xff", "gives a text that is not valid in its encoding"] }.each do |what, (given, problem)|
      it "is refused for #{what}, with the line, and reads nothing" do
        salesforce_has ann
        sync = tenant_sync
        tenants.push(given)
        message = /\A#{__FILE__}:\d+: partition .*#{problem}.*; run the sync inside of a tenant/
        %i[plan call runs last_success].each do |asked|
          expect { sync.public_send(asked) }.to raise_error(CrmSync::ConfigurationError, message)
        end
        expect(salesforce.requests).to be_empty
      end
    end

    it "takes symbols and numbers" do
      salesforce_has ann
      sync = tenant_sync
      expect(in_tenant(7) { sync.call } && in_tenant("7") { sync.runs.map(&:partition) }).to eq(["7"])
      expect(in_tenant(:oslo) { sync.call } && in_tenant("oslo") { sync.runs.map(&:partition) }).to eq(["oslo"])
    end

    it "needs a block" do
      expect { Class.new(CrmSync::ContactSync) { partition } }
        .to raise_error(CrmSync::MappingError, /:\d+: partition needs a block/)
    end
  end
end
