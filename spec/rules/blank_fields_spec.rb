# frozen_string_literal: true

require "rails_helper"
require "support/both_writers"

# Rule 7, for a field that is blank.
RSpec.describe "blank:" do
  include BothWriters

  # The value that a column has after a sync, for each content of the field.
  def stands(column, contents, before: nil, &declaration)
    user = linked_user(row = contact("ann@b.edu"))
    sync = sync_that(&declaration)
    contents.map do |content|
      user.update_columns(column => before) unless before.nil?
      salesforce_has row.merge("Field__c" => content, "Other__c" => nil)
      expect([sync.call.errors, sync.plan.changes]).to eq([[], []])
      user.reload.public_send(column)
    end
  end

  on_each_database do
    it "gives the value for null and for a text of white space, beside a map" do
      values = stands(:faculty_status, [nil, " ", "Confirmed"], before: :rejected_faculty) do
        attribute :faculty_status, from: "Field__c", blank: :no_faculty_info, map: { "Confirmed" => :confirmed_faculty }
      end
      expect(values).to eq(%w[no_faculty_info no_faculty_info confirmed_faculty])
    end

    it "gives the value where the others are copied" do
      named = proc { attribute :first_name, from: "Field__c", blank: "Nobody" }
      values = stands(:first_name, [nil, "Ann"], before: "Bea", &named)
      expect(values).to eq(%w[Nobody Ann])
    end

    it "gives an enum's value where its names are copied" do
      values = stands(:faculty_status, [nil, "rejected_faculty"], before: :pending_faculty) do
        attribute :faculty_status, from: "Field__c", blank: :no_faculty_info
      end
      expect(values).to eq(%w[no_faculty_info rejected_faculty])
    end

    it "empties the column, or keeps what is there" do
      emptied = proc { attribute :first_name, from: "Field__c", blank: nil }
      kept = proc { attribute :first_name, from: "Field__c", blank: :keep }
      expect(stands(:first_name, [" "], before: "Bea", &emptied)).to eq([nil])
      User.delete_all
      expect(stands(:first_name, [nil], before: "Bea", &kept)).to eq(["Bea"])
    end

    it "takes a check box that is false for no blank" do
      expect(stands(:is_kip, [nil, false], before: true) { attribute :is_kip, from: "Field__c", blank: :keep })
        .to eq([true, false])
    end

    it "holds for check boxes all of which are null" do
      values = stands(:is_kip, [nil, false], before: true) do
        attribute :is_kip, any_of: %w[Field__c Other__c], blank: :keep
      end
      expect(values).to eq([true, false])
    end

    it "counts as a demotion where it takes a privileged value" do
      sync = sync_that do
        attribute :faculty_status, from: "Field__c", blank: :no_faculty_info, privileged: :confirmed_faculty,
                                   map: { "Confirmed" => :confirmed_faculty }
      end
      linked_user(row = contact("ann@b.edu"), faculty_status: :confirmed_faculty)
      salesforce_has row.merge("Field__c" => nil)
      plan = sync.plan
      expect(plan.changes.map(&:budgets)).to eq([[:demote]])
      plan.save(File.join(scratch, "sync.plan"))
      expect(CrmSync::Plan.load(File.join(scratch, "sync.plan")).changes.map(&:budgets)).to eq([[:demote]])
    end
  end

  context "with both ways of writing" do
    using_database :postgresql

    it "is written alike" do
      salesforce_has row = contact("ann@b.edu", "Field__c" => nil)
      linked_user(row, first_name: "Ann", faculty_status: :pending_faculty)
      results = write_both(both do
        attribute :first_name, from: "Field__c", blank: "Nobody"
        attribute :faculty_status, from: "Field__c", blank: :no_faculty_info, map: { "x" => :rejected_faculty }
      end)
      expect(results[:set_based]).to eq(results[:records])
      expect(results[:records][:users].first)
        .to include("first_name" => "Nobody", "faculty_status" => "no_faculty_info")
    end
  end
end
