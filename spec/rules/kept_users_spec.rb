# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# Rule 3, where the declaration leaves alone who would be unlinked.
RSpec.describe "contact_missing :keep" do
  include ContactSyncWorld

  let(:keeping) do
    sync_that do
      attribute :faculty_status, from: "Faculty_Verified__c",
                                 map: { "Confirmed" => :confirmed_faculty, nil => :no_faculty_info }
      contact_missing :keep
      unmatched set: { faculty_status: :no_faculty_info }
    end
  end
  let(:gone) { contact("gone@b.edu", "IsDeleted" => true) }
  let(:user) { linked_user(gone, email: "ann@b.edu", faculty_status: :confirmed_faculty) }

  def path
    File.join(scratch, "sync.plan")
  end

  on_each_database do
    it "leaves the user alone, counts that, and explains it" do
      user
      salesforce_has gone, contact("other@b.edu")
      run = keeping.call
      expect([run.status, run.issues]).to eq([:unchanged, []])
      expect(user.reload).to have_attributes(salesforce_contact_id: gone["Id"], faculty_status: "confirmed_faculty")
      expect(run.ledger[:users].buckets[:contact_missing]).to eq(1)
      expect(run.ledger).to be_balanced
      expect(keeping.explain(user)).to include("the contact is gone, and the declaration leaves the user alone")
    end

    it "does not keep a user from another contact" do
      user
      salesforce_has gone, ann = contact("ann@b.edu")
      run = keeping.call
      expect([actions(run.applied), user.reload.salesforce_contact_id]).to eq([{ user => :relink }, ann["Id"]])
      run.undo!
      expect(user.reload).to have_attributes(salesforce_contact_id: gone["Id"], faculty_status: "confirmed_faculty")
    end

    it "does not keep a user from the winner of a merge" do
      user
      winner = contact("other@b.edu")
      salesforce_has gone.merge("MasterRecordId" => winner["Id"]), winner
      expect(actions(keeping.call.applied)).to eq({ user => :relink })
      expect(user.reload.salesforce_contact_id).to eq(winner["Id"])
    end

    it "refuses the unlinks of a plan that was made without it" do
      user
      salesforce_has gone, contact("other@b.edu")
      sync_that("KeepingSync") { contact_missing set: {} }.plan.save(path)
      sync_that("KeepingSync") { contact_missing :keep }
      expect { CrmSync::Plan.load(path) }.to raise_error(CrmSync::StalePlan, /it has unlinks, which the decl/)
    end
  end

  context "where the contact may only be invisible" do
    using_database :sqlite

    it "says so as often as it would before an unlink, and replaces it no sooner" do
      user.update_columns(salesforce_contact_id: salesforce_id("003"))
      salesforce_has contact("other@b.edu"), view_all_data: :withheld
      kinds = Array.new(4) { keeping.call.issues.map(&:kind) }
      expect(kinds).to eq([[:not_visible], [:not_visible], [], []])
      salesforce_has contact("ann@b.edu"), view_all_data: :withheld
      expect(actions(keeping.call.applied)).to eq({ user => :relink })
    end
  end
end
