# frozen_string_literal: true

require "rails_helper"
require "active_support/testing/time_helpers"
require "support/contact_sync_world"

# A plan from a file is held against the declaration and the database of today, signed or not: what it says of its own
# costs counts for nothing.
RSpec.describe "A contact plan from a file" do
  include ActiveSupport::Testing::TimeHelpers
  include ContactSyncWorld

  def path
    File.join(scratch, "sync.plan")
  end

  # Writes the plan, changed by the block, with the digest of the changed plan, as the gem would have sealed that.
  def forge(plan = UpdateUserSalesforceInfo.plan)
    plan.save(path)
    header, *changes = File.readlines(path).map { |line| JSON.parse(line) }.tap(&:pop)
    yield header, changes
    codec = UpdateUserSalesforceInfo.planner.codec
    loaded = changes.map { |row| codec.load(row, ->(why) { raise CrmSync::StalePlan, why }) }
    header["digest"] = CrmSync::Plan.digest(loaded)
    seal([header, *changes])
  end

  def seal(lines)
    text = lines.map { |line| "#{JSON.generate(line)}\n" }.join
    File.write(path, "#{text}#{JSON.generate(seal: CrmSync::Signature.of(text))}\n")
  end

  # Six users whose contacts are gone, among as many whose are there.
  def six_gone
    there = Array.new(6) { |n| contact("there#{n}@b.edu") }
    there.each { |row| linked_user(row, is_kip: nil) }
    salesforce_has(*there)
    Array.new(6) { create_user(salesforce_contact_id: salesforce_id("003")) }
  end

  def applied
    CrmSync::Plan.load(path).apply
  end

  on_each_database do
    { "signed" => true, "not signed" => false }.each do |name, signed|
      context "that is #{name}" do
        before { allow(CrmSync::Signature).to receive(:signs?).and_return(false) unless signed }

        it "costs what its changes cost, whatever it says" do
          six_gone
          forge { |_, changes| changes.each { |change| change["budgets"] = [] } }
          run = applied
          expect([run.status, run.held.map(&:budgets).uniq]).to eq([:held, [[:unlink]]])
        end

        it "has budgets for as many as there are, whatever it says" do
          six_gone
          forge { |header, _| header["could_suffer"] = { "unlink" => 1_000_000 } }
          expect(applied.status).to eq(:held)
        end

        it "promotes no more linked users than its budget" do
          rows = Array.new(21) { |n| contact("u#{n}@b.edu", "School_Type__c" => "High School") }
          rows.each { |row| linked_user(row, school_type: :unknown_school_type) }
          salesforce_has(*rows)
          forge do |_, changes|
            changes.each do |change|
              change["budgets"] = []
              change["before"]["faculty_status"] = "no_faculty_info"
              change["after"]["faculty_status"] = "confirmed_faculty"
            end
          end
          run = applied
          expect([run.status, User.confirmed_faculty.count]).to eq([:held, 0])
          expect(run.refusals.join).to include("21 changes of the kind promote (at most 20 of 21)")
        end

        it "is #{"not " if signed}told as one that nobody signed" do
          six_gone
          UpdateUserSalesforceInfo.plan.save(path)
          told = CrmSync::Plan.load(path).issues.map(&:kind).include?(:unsigned_plan)
          expect(told).to be(!signed)
        end
      end
    end

    it "is refused when it sweeps somebody to a value that the sweep does not set" do
      create_user(faculty_status: :pending_faculty)
      salesforce_has contact("x@b.edu")
      expect { forge { |_, (change)| change["after"]["faculty_status"] = "confirmed_faculty" } }
        .to raise_error(CrmSync::StalePlan, /writes faculty_status: .*which no sweep of the declaration does/)
    end

    it "is refused when the contact of an update is another one than the link" do
      row = contact("a@b.edu", faculty: "Confirmed")
      linked_user(row)
      salesforce_has row
      expect { forge { |_, (change)| change["contact"] = salesforce_id("003") } }
        .to raise_error(CrmSync::StalePlan, /does not fit its contact/)
    end

    it "is refused when it leaves out what stands there" do
      row = contact("a@b.edu", faculty: "Confirmed")
      linked_user(row)
      salesforce_has row
      expect { forge { |_, (change)| change["before"] = {} } }
        .to raise_error(CrmSync::StalePlan, /does not say what \d+ was before/)
    end

    it "is refused when it is from the future, beyond what clocks differ by" do
      six_gone
      plan = UpdateUserSalesforceInfo.plan
      forge(plan) { |header, _| header["made_at"] = (Time.now + 30).utc.iso8601 }
      expect(CrmSync::Plan.load(path).changes.size).to eq(6)
      forge(plan) { |header, _| header["made_at"] = (Time.now + 3_600).utc.iso8601 }
      expect { CrmSync::Plan.load(path) }.to raise_error(CrmSync::StalePlan, /from the future/)
    end
  end

  context "from before an undo" do
    using_database :sqlite

    let(:ann) { create_user(email: "ann@b.edu") }

    before do
      ann
      salesforce_has contact("ann@b.edu", faculty: "Confirmed")
    end

    def undone_since
      UpdateUserSalesforceInfo.call.undo!
    end

    it "does not bring back what was undone, loaded before the undo or after it" do
      UpdateUserSalesforceInfo.plan.save(path)
      before = CrmSync::Plan.load(path)
      undone = undone_since
      expect(before.apply.stale.values).to eq(["salesforce_contact_id is undone since run #{undone.id}"])
      expect(applied.applied).to eq([])
      expect(ann.reload).to have_attributes(salesforce_contact_id: nil, faculty_status: "no_faculty_info")
    end

    it "does not bring it back in the same process either" do
      plan = UpdateUserSalesforceInfo.plan
      undone_since
      expect([plan.apply.status, ann.reload.salesforce_contact_id]).to eq([:partial, nil])
    end
  end
end
