# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# A contact that does not come is gone only where Salesforce shows what became of it, or where the integration user sees
# all.
RSpec.describe "a contact that does not come" do
  include ContactSyncWorld

  using_database :sqlite

  let(:small) { sync_that { contact_missing set: {} } }
  let(:ann) { contact("ann@b.edu") }
  let(:bob) { contact("bob@b.edu") }

  def unseen(run)
    run.issues.select { |issue| issue.kind == :not_visible }
  end

  # Returns for each of some runs whether the user is linked after it.
  def links(user, runs)
    Array.new(runs) { small.call && user.reload.salesforce_contact_id }
  end

  def asked
    queries("UserPermissionAccess").size
  end

  it "is gone at once where it was deleted, and nothing is told" do
    user = linked_user(ann)
    salesforce_has bob, ann.merge("IsDeleted" => true), view_all_data: :withheld
    run = small.call
    expect(user.reload.salesforce_contact_id).to be_nil
    expect([unseen(run), asked]).to eq([[], 0])
  end

  it "is gone at once where it is no longer among those that are asked for" do
    sync = sync_that do
      contacts_of_teachers = 'RecordKind__c = "Teacher"'.tr('"', "'")
      declaration.contacts.where = contacts_of_teachers
      contact_missing set: {}, after: 3
    end
    user = linked_user(ann)
    salesforce_has bob.merge("RecordKind__c" => "Teacher"), ann.merge("RecordKind__c" => "Other"),
                   view_all_data: :withheld
    expect([sync.call.status, user.reload.salesforce_contact_id, asked]).to eq([:applied, nil, 0])
  end

  it "is no reason to ask for permissions where all came" do
    user = linked_user(ann)
    salesforce_has ann, bob
    expect([small.call.status, user.reload.salesforce_contact_id, asked]).to eq([:unchanged, ann["Id"], 0])
  end

  it "is gone at once where the integration user sees all, and nothing is told" do
    user = linked_user(ann)
    salesforce_has bob
    run = small.call
    expect([user.reload.salesforce_contact_id, unseen(run), asked]).to eq([nil, [], 1])
  end

  it "is replaced at once where the integration user sees all" do
    user = linked_user(ann, email: "bob@b.edu")
    salesforce_has bob
    expect(links(user, 1)).to eq([bob["Id"]])
  end

  { withheld: "does not see all records (View All Data)", unreadable: "sees all records could not be read" }
    .each do |answer, words|
    context "where the permission is #{answer}" do
      it "may only be invisible: the user stays linked, and an issue says why" do
        user = linked_user(ann)
        salesforce_has bob, view_all_data: answer
        runs = Array.new(3) { [small.call, user.reload.salesforce_contact_id.present?] }
        expect(runs.map(&:last)).to eq([true, true, false])
        expect(runs.map { |run, _| unseen(run).map(&:contacts) }.uniq).to eq([[[ann["Id"]]]])
        expect(unseen(runs.first.first).first.message).to include("may only be invisible", words)
      end

      it "may only be invisible, says an explanation" do
        user = linked_user(ann)
        salesforce_has bob, view_all_data: answer
        expect(small.explain(user)).to include("did not come and may only be invisible, because", words)
      end

      it "is not replaced by another one either while it may be there" do
        user = linked_user(ann, email: "bob@b.edu")
        salesforce_has bob, view_all_data: answer
        expect(links(user, 3)).to eq([ann["Id"], ann["Id"], bob["Id"]])
      end
    end
  end

  it "is waited for also where the declaration says nothing of contacts that are missing" do
    silent = sync_that("SilentSync") { nil }
    user = linked_user(ann)
    salesforce_has bob, view_all_data: :withheld
    linked = Array.new(3) { silent.call && user.reload.salesforce_contact_id.present? }
    expect(linked).to eq([true, true, false])
  end

  it "waits where the answer to the question is none" do
    user = linked_user(ann)
    salesforce_has bob
    salesforce.replace("UserPermissionAccess", [])
    expect(links(user, 1)).to eq([ann["Id"]])
  end

  it "waits where the question fails" do
    user = linked_user(ann)
    fault = { on: :query, object: "UserPermissionAccess", answer: { status: { status: 500, body: "" } } }
    salesforce_has bob, faults: [fault]
    run = small.call
    expect([run.status, user.reload.salesforce_contact_id]).to eq([:unchanged, ann["Id"]])
    expect(unseen(run).first.message).to include("could not be read")
  end

  it "is told also where the first read unlinks" do
    user = linked_user(ann)
    salesforce_has bob, view_all_data: :withheld
    run = sync_that { contact_missing set: {}, after: 1 }.call
    expect([user.reload.salesforce_contact_id, unseen(run).size]).to eq([nil, 1])
  end
end
