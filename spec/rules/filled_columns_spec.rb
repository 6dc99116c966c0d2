# frozen_string_literal: true

require "rails_helper"
require "support/both_writers"

# A column that the declaration only fills.
RSpec.describe "overwrite: false" do
  include BothWriters

  filling = proc do
    attribute :first_name, from: "FirstName", overwrite: false
    attribute :is_kip, from: "Is_KIP__c", overwrite: false
  end

  let(:sync) { sync_that(&filling) }
  let(:row) { contact("ann@b.edu", "FirstName" => "Ann", "Is_KIP__c" => true) }

  def path
    File.join(scratch, "sync.plan")
  end

  on_each_database do
    it "writes where there is NULL or a blank text, and never over a value, such as false" do
      salesforce_has row
      { [nil, nil] => ["Ann", true], ["", false] => ["Ann", false], [" ", true] => ["Ann", true],
        ["Bea", nil] => ["Bea", true] }.each do |(first_name, is_kip), stands|
        user = linked_user(row)
        user.update_columns(first_name:, is_kip:)
        expect([sync.call.errors, user.reload.first_name, user.is_kip]).to eq([[], *stands])
        expect(sync.plan).to be_empty
        user.delete
      end
    end

    it "does not write a blank over another, and tells nobody of a value that would not be written" do
      salesforce_has contact("ann@b.edu", "FirstName" => "  ", "Is_KIP__c" => "no")
      user = create_user(email: "ann@b.edu", is_kip: nil)
      expect(sync.call.issues.map { |issue| [issue.kind, issue.field] }).to eq([[:unknown_value, "is_kip"]])
      expect(user.reload.first_name).to be_nil
      user.update_columns(is_kip: false)
      expect(sync.call.issues).to eq([])
    end

    it "is told in an explanation" do
      user = linked_user(row)
      user.update_columns(first_name: "Bea", is_kip: false)
      salesforce_has row
      expect(sync.explain(user)).to include("first_name is not overwritten: the declaration only fills it",
                                            "is_kip is not overwritten")
    end

    it "can be undone, and is not filled again" do
      user = linked_user(row, is_kip: nil)
      salesforce_has row
      sync.call.undo!
      expect([user.reload.is_kip, sync.call.applied]).to eq([nil, []])
    end

    it "refuses the changes of a plan that was made without it" do
      linked_user(row).update_columns(first_name: "Bea")
      salesforce_has row
      sync_that("FillSync") { attribute :first_name, from: "FirstName" }.plan.save(path)
      sync_that("FillSync") { attribute :first_name, from: "FirstName", overwrite: false }
      expect { CrmSync::Plan.load(path) }.to raise_error(CrmSync::StalePlan, /writes first_name: .* which no update of/)
    end
  end

  context "with both ways of writing" do
    using_database :postgresql

    it "is stale where somebody has filled the column meanwhile" do
      user = create_user(email: "ann@b.edu", is_kip: nil)
      salesforce_has row
      results = write_both(both(&filling)) { user.update_columns(first_name: "Bea") }
      expect(results[:set_based]).to eq(results[:records])
      expect(results[:records][:stale]).to eq([[user.id, "first_name has changed"]])
      expect(results[:records][:users].first).to include("first_name" => "Bea", "is_kip" => nil)
    end

    it "is written alike" do
      create_user(email: "ann@b.edu", is_kip: false)
      salesforce_has row
      results = write_both(both(&filling))
      expect(results[:set_based]).to eq(results[:records])
      expect(results[:records][:users].first).to include("first_name" => "Ann", "is_kip" => false)
    end
  end
end
