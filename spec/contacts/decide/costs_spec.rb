# frozen_string_literal: true

require "rails_helper"
require "active_support/testing/time_helpers"
require "support/contact_sync_world"

# Counts changes by leads and by the sweep against budgets, and watches leads as contacts are watched.
RSpec.describe "changes by leads and by the sweep" do
  include ActiveSupport::Testing::TimeHelpers
  include ContactSyncWorld

  using_database :sqlite

  after { travel_back }

  def deciding(others = nil)
    sync_that do
      leads "Lead"
      attribute :faculty_status, from: "Faculty_Verified__c",
                                 map: { "Confirmed" => :confirmed_faculty, "Rejected" => :rejected_faculty,
                                        nil => :no_faculty_info }
      lead_status from: "Status", trust: :verified do
        all "Converted", set: { faculty_status: :rejected_faculty }
        otherwise(*others, set: { faculty_status: :pending_faculty })
      end
      unmatched set: { faculty_status: :no_faculty_info }
    end
  end

  # Users of whom each has a lead.
  def people(count, status, **columns)
    Array.new(count) do |n|
      create_user(email: "p#{n}@b.edu", **columns)
      lead("p#{n}@b.edu", status:)
    end
  end

  def kinds(run)
    run.issues.map(&:kind).uniq
  end

  it "holds back those who leave what their leads had made them, where a status has another name" do
    leads = people(12, "Converted", faculty_status: :rejected_faculty)
    salesforce_has(*leads)
    deciding.call
    salesforce_has(*leads.map { |row| row.merge("Status" => "Closed - Converted") })
    run = deciding.call
    expect(run.status).to eq(:held)
    expect(run.problems.join).to include("lead")
    expect(User.where(faculty_status: "rejected_faculty").count).to eq(12)
  end

  it "holds back those who are swept because leads do not come" do
    leads = people(20, "New", faculty_status: :pending_faculty)
    salesforce_has(*leads)
    deciding.call
    salesforce_has(*leads.drop(9))
    run = deciding.call
    expect([run.status, run.problems.join.include?("sweep")]).to eq([:held, true])
    expect(User.where(faculty_status: "pending_faculty").count).to eq(20)
  end

  it "does not count new sign-ups, whatever they begin with, nor who comes from the sweep" do
    salesforce_has(*people(12, "New", faculty_status: :no_faculty_info))
    run = deciding.call
    expect([run.status, run.applied.size]).to eq([:applied, 12])
    expect(run.applied.flat_map(&:budgets)).not_to include(:lead)
  end

  it "reckons a loaded plan as a fresh one" do
    salesforce_has(*people(6, "New", faculty_status: :rejected_faculty))
    plan = deciding.plan
    plan.save("tmp/leads.plan")
    loaded = CrmSync::Plan.load("tmp/leads.plan")
    expect(loaded.changes.map(&:budgets)).to eq(plan.changes.map(&:budgets))
    expect(plan.changes.map(&:budgets).uniq).to eq([[:lead]])
    expect(loaded.apply.status).to eq(:held)
  ensure
    FileUtils.rm_f("tmp/leads.plan")
  end

  it "blocks where the status is blank in all leads, or most of the leads do not come" do
    leads = people(12, "Converted", faculty_status: :rejected_faculty)
    salesforce_has(*leads)
    deciding.call
    salesforce_has(*leads.map { |row| row.merge("Status" => nil) })
    run = deciding.call
    expect([run.status, run.problems.join]).to match([:blocked, /none of the 12 leads has Status/])
    salesforce_has(*leads.first(5))
    expect(deciding.call.problems.join).to match(/leads came back with 5 rows; there were 12/)
  end

  it "sees many small steps over the day, and not what somebody allowed" do
    leads = Array.new(40) { |n| lead("x#{n}@b.edu") }
    runs = [40, 21, 11].map do |count|
      salesforce_has(*leads.first(count))
      travel 2.hours
      deciding.call
    end
    expect(runs.map(&:status)).to eq(%i[unchanged unchanged blocked])
    expect(runs.last.problems.join).to include("there were 40 within the last 24 hours")
    expect(deciding.call(allow: { leads: 11 }).status).to eq(:unchanged)
    expect(deciding.call.status).to eq(:unchanged)
    travel 2.days
    expect(deciding.call.status).to eq(:unchanged)
  end

  it "takes any status with a plain otherwise, and tells of one that was never seen, for a day" do
    leads = people(4, "New", faculty_status: :no_faculty_info)
    salesforce_has(*leads)
    expect(kinds(deciding.call)).to eq([])
    salesforce_has(*leads.map { |row| row.merge("Status" => "Nurturing") })
    news = deciding.call.issues.select { |issue| issue.kind == :new_value }
    expect(news.map(&:message)).to match([/"Nurturing" was never seen before as Status of leads; 4 rows have it/])
    expect(kinds(deciding.call)).to eq([:new_value])
    travel 25.hours
    expect(kinds(deciding.call)).to eq([])
  end

  it "quarantines what an otherwise with statuses does not name" do
    leads = people(3, "New", faculty_status: :no_faculty_info)
    leads[2]["Status"] = "Nurturing"
    salesforce_has(*leads)
    run = deciding(%w[New Working]).call
    expect(User.order(:id).map(&:faculty_status)).to eq(%w[pending_faculty pending_faculty no_faculty_info])
    expect(run.issues.map(&:message)).to match([/whose status is "Nurturing"; nothing changes for 1 user/])
    expect(run.ledger[:users].notes).to include(quarantined_by_lead_status: 1)
  end

  describe "where a converted lead names its contact" do
    let(:user) { create_user(email: "p@b.edu", faculty_status: :pending_faculty) }

    def run_with(faculty)
      ann = contact("other@b.edu", faculty:)
      user
      salesforce_has ann, lead("p@b.edu", status: "Converted", "ConvertedContactId" => ann["Id"])
      [deciding.call, ann]
    end

    it "rejects nobody whose contact does not say so, and links nobody" do
      run, ann = run_with("Confirmed")
      expect(user.reload).to have_attributes(faculty_status: "pending_faculty", salesforce_contact_id: nil)
      expect(run.issues.map { |issue| [issue.kind, issue.contacts, issue.users] })
        .to eq([[:converted_contact, [ann["Id"]], [user.id]]])
    end

    it "rejects whose contact says so" do
      run_with("Rejected")
      expect(user.reload).to have_attributes(faculty_status: "rejected_faculty", salesforce_contact_id: nil)
    end

    it "rejects where the contact is not there" do
      user
      salesforce_has contact("x@b.edu"),
                     lead("p@b.edu", status: "Converted", "ConvertedContactId" => salesforce_id("003"))
      deciding.call
      expect(user.reload.faculty_status).to eq("rejected_faculty")
    end
  end
end
