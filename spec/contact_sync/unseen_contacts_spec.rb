# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# A contact that does not come is gone only where Salesforce shows what became of it.
RSpec.describe "a contact that does not come" do
  include ContactSyncWorld

  using_database :sqlite

  let(:patient) { sync_that { contact_missing set: {}, after: 3 } }
  let(:ann) { contact("ann@b.edu") }
  let(:bob) { contact("bob@b.edu") }

  def unseen(run)
    run.issues.select { |issue| issue.kind == :not_visible }
  end

  it "is gone at once where it was deleted, and nothing is told" do
    user = linked_user(ann)
    salesforce_has bob, ann.merge("IsDeleted" => true)
    run = patient.call
    expect(user.reload.salesforce_contact_id).to be_nil
    expect(unseen(run)).to eq([])
  end

  it "is gone at once where it is no longer among those that are asked for" do
    sync = sync_that do
      contacts_of_teachers = 'RecordKind__c = "Teacher"'.tr('"', "'")
      declaration.contacts.where = contacts_of_teachers
      contact_missing set: {}, after: 3
    end
    user = linked_user(ann)
    salesforce_has bob.merge("RecordKind__c" => "Teacher"), ann.merge("RecordKind__c" => "Other")
    expect([sync.call.status, user.reload.salesforce_contact_id]).to eq([:applied, nil])
  end

  it "may only be invisible where Salesforce does not show it: the user stays linked, and an issue says so" do
    user = linked_user(ann)
    salesforce_has bob
    runs = Array.new(3) { [patient.call, user.reload.salesforce_contact_id.present?] }
    expect(runs.map(&:last)).to eq([true, true, false])
    expect(runs.map { |run, _| unseen(run).map(&:contacts) }.uniq).to eq([[[ann["Id"]]]])
    expect(unseen(runs.first.first).first.message).to include("may only be invisible")
  end

  it "is not replaced by another one either while it may be there" do
    user = linked_user(ann, email: "bob@b.edu")
    salesforce_has bob
    links = Array.new(3) { patient.call && user.reload.salesforce_contact_id }
    expect(links).to eq([ann["Id"], ann["Id"], bob["Id"]])
  end

  it "is told also where the first read unlinks" do
    user = linked_user(ann)
    salesforce_has bob
    run = sync_that { contact_missing set: {} }.call
    expect([user.reload.salesforce_contact_id, unseen(run).size]).to eq([nil, 1])
  end
end
