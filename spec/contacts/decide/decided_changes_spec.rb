# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# Gives each change its values when they are asked for, and forgets them again.
RSpec.describe "CrmSync::Contacts::DecidedChanges" do
  include ContactSyncWorld

  using_database :postgresql

  def decided_changes = CrmSync::Contacts.const_get(:DecidedChanges)

  def keeping(count)
    stub_const("CrmSync::Contacts::DecidedChanges::RECENT", count)
  end

  # Users of whom every third is linked already and changes; the others get a contact.
  def world(count)
    rows = Array.new(count) { |n| contact("p#{n}@b.edu", faculty: n.odd? ? "Confirmed" : "Rejected") }
    salesforce_has(*rows)
    rows.each_with_index do |row, n|
      create_user(email: "p#{n}@b.edu", salesforce_contact_id: (row["Id"] if (n % 3).zero?))
    end
  end

  def told(plan)
    plan.changes.map { |change| [change.to_a, change.contact_id, change.costs, change.ids, change.basis.to_a] }
  end

  it "tells the same of a change whose values were forgotten, in any order" do
    world(9)
    whole = told(UpdateUserSalesforceInfo.plan)
    keeping(1)
    plan = UpdateUserSalesforceInfo.plan
    expect(told(plan)).to eq(whole)
    expect(plan.changes.reverse.map(&:after)).to eq(plan.changes.map(&:after).reverse)
    expect(plan.changes.map(&:action).tally).to eq(update: 3, link: 6)
  end

  it "applies a plan whose values are forgotten on the way as another one" do
    world(9)
    keeping(1)
    run = UpdateUserSalesforceInfo.call
    expect(run.applied.map { |change| [change.key, change.after[:faculty_status]] })
      .to match_array(User.pluck(:id, :faculty_status))
    expect(User.where(salesforce_contact_id: nil)).to be_empty
  end

  it "has the values of few changes in memory, however many a plan has and whoever walks through them" do
    world(60)
    keeping(5)
    of_others = ObjectSpace.each_object(decided_changes::Details).to_set(&:object_id)
    plan = UpdateUserSalesforceInfo.plan
    plan.save(File.join(scratch, "sync.plan"))
    plan.changes.each(&:to_s)
    GC.start
    details = ObjectSpace.each_object(decided_changes::Details).to_set(&:object_id) - of_others
    expect(details.size).to be_between(1, 20)
    expect(plan.changes.size).to eq(60)
  end

  it "has changes that nobody can alter, and that do not reveal values where objects are shown" do
    world(1)
    change = UpdateUserSalesforceInfo.plan.changes.first
    expect(change).to be_frozen.and be_a(CrmSync::Contacts::Change)
    expect([change.before, change.after, change.reason, change.budgets, change.basis]).to all(be_frozen)
    expect(change.inspect).not_to include("p0@b.edu")
    expect { Marshal.dump(change) }.to raise_error(CrmSync::NotDumpable)
  end

  it "has changes that show themselves as changes of a contact sync" do
    world(1)
    change = UpdateUserSalesforceInfo.plan.changes.first
    expect(change.inspect).to start_with("#<CrmSync::Contacts::Change update ")
    expect { change.to_yaml }.to raise_error(CrmSync::NotDumpable, /\Aa CrmSync::Contacts::Change may hold/)
    expect(change).to have_attributes(class: be <= CrmSync::Contacts::Change, to_h: change.dup.to_h)
  end

  it "tells the same to threads that are killed or time out on the way, and to those beside them" do
    world(60)
    keeping(7)
    whole = told(UpdateUserSalesforceInfo.plan)
    plan = UpdateUserSalesforceInfo.plan
    lasting = Array.new(4) { Thread.new { told(plan) } }
    20.times { Thread.new { loop { plan.changes.shuffle.each(&:to_s) } }.tap { Thread.pass }.kill }
    expect { Timeout.timeout(0.02) { loop { plan.changes.each(&:to_s) } } }.to raise_error(Timeout::Error)
    expect(lasting.map(&:value)).to all(eq(whole))
    expect(told(plan)).to eq(whole)
  end

  it "tells the same after objects have moved, without its plan, and in a forked process" do
    world(9)
    keeping(2)
    whole = told(UpdateUserSalesforceInfo.plan)
    changes = UpdateUserSalesforceInfo.plan.changes
    GC.start
    GC.compact
    found = changes.map { |change| [change.to_a, change.contact_id, change.costs, change.ids, change.basis.to_a] }
    expect(found).to eq(whole)
    reader, writer = IO.pipe
    child = fork { exit!(writer.write(CrmSync::Plan.digest(changes)).positive?) }
    Process.wait(child)
    writer.close
    expect(reader.read).to eq(CrmSync::Plan.digest(changes))
  end
end
