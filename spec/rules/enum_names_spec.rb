# frozen_string_literal: true

require "rails_helper"
require "support/both_writers"

# Rule 7, for a column whose enum has the names that Salesforce has.
RSpec.describe "map: :enum" do
  include BothWriters

  names = proc do
    attribute :faculty_status, from: "FV_Status__c", map: :enum, blank: :no_faculty_info, privileged: :confirmed_faculty
    attribute :first_name, from: "FirstName"
  end
  let(:sync) { sync_that(&names) }

  def path
    File.join(scratch, "sync.plan")
  end

  def teacher(status)
    contact(nil, "FV_Status__c" => status, "FirstName" => "Ann")
  end

  on_each_database do
    it "takes each name as it is, and the value of a blank" do
      rows = ["confirmed_faculty", "incomplete_signup", nil, " "].map { |status| teacher(status) }
      users = rows.map { |row| linked_user(row, faculty_status: :pending_faculty) }
      salesforce_has(*rows)
      expect(sync.call.issues).to eq([])
      expect(users.map { |user| user.reload.faculty_status })
        .to eq(%w[confirmed_faculty incomplete_signup no_faculty_info no_faculty_info])
      expect(sync.plan).to be_empty
    end

    it "quarantines any other value, such as a number, a label or another case, and goes on with the rest" do
      rows = ["2", "Confirmed", "Confirmed_Faculty", 2].map { |status| teacher(status) }
      users = rows.map { |row| linked_user(row, faculty_status: :pending_faculty) }
      salesforce_has(*rows)
      run = sync.call
      expect(run.issues.map(&:kind).uniq).to eq([:unknown_value])
      expect(users_of(run.issues, :unknown_value).flatten).to match_array(users.map(&:id))
      expect(run.issues.first.message).to include("the declaration does not say what")
      expect(users.map { |user| user.reload.attributes.values_at("faculty_status", "first_name") }.uniq)
        .to eq([%w[pending_faculty Ann]])
      expect(sync.explain(users.first)).to include("faculty_status stays as it is: the declaration does not know")
    end

    it "takes otherwise: for any other value, and quarantines a blank that has no value" do
      sync = sync_that { attribute :school_type, from: "FV_Status__c", map: :enum, otherwise: :other_school_type }
      user = linked_user(row = teacher("college"))
      stands = ["college", "kindergarten", nil].map do |content|
        salesforce_has row.merge("FV_Status__c" => content)
        sync.call
        user.reload.school_type
      end
      expect(stands).to eq(%w[college other_school_type other_school_type])
      plain = sync_that("PlainSync") { attribute :school_type, from: "FV_Status__c", map: :enum }
      expect(plain.plan.issues.map(&:kind)).to eq([:unknown_value])
    end

    it "keeps plans in files, and counts what is privileged" do
      linked_user(row = teacher("confirmed_faculty"))
      salesforce_has row
      sync.plan.save(path)
      expect(CrmSync::Plan.load(path).changes.map(&:budgets)).to eq([[:promote]])
      expect(CrmSync::Plan.load(path).apply.status).to eq(:applied)
    end

    it "refuses a plan with a name that the enum does not have" do
      linked_user(row = teacher("confirmed_faculty"))
      salesforce_has row
      sync.plan.save(path)
      sync_that { attribute :faculty_status, from: "FV_Status__c", map: { "Confirmed" => :pending_faculty } }
      expect { CrmSync::Plan.load(path) }.to raise_error(CrmSync::StalePlan, /which the declaration does not|no update/)
    end
  end

  context "with both ways of writing" do
    using_database :postgresql

    it "is written alike" do
      rows = [teacher("rejected_faculty"), teacher("unknown")]
      rows.each { |row| linked_user(row) }
      salesforce_has(*rows)
      results = write_both(both(&names))
      expect(results[:set_based]).to eq(results[:records])
      expect(results[:records][:users].map { |row| row["faculty_status"] }).to eq(%w[rejected_faculty no_faculty_info])
    end
  end
end
