# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# Covers what the traps do not show: the words of the declaration that the recipe leaves unused, and the ways to look at
# a plan.
RSpec.describe "a contact sync" do
  include ContactSyncWorld

  using_database :sqlite

  it "does not make a protected transition, and counts it" do
    protective = sync_that do
      attribute :faculty_status, from: "Faculty_Verified__c",
                                 map: { "Confirmed" => :confirmed_faculty, nil => :no_faculty_info }
      attribute :grant_tutor_access, from: "Grant_Tutor_Access__c"
      protect :faculty_status, from: :confirmed_faculty, to: %i[no_faculty_info pending_faculty]
    end
    ann = contact("ann@b.edu", "Grant_Tutor_Access__c" => true)
    user = linked_user(ann, faculty_status: :confirmed_faculty)
    salesforce_has ann
    run = protective.call
    expect(user.reload).to have_attributes(faculty_status: "confirmed_faculty", grant_tutor_access: true)
    expect(run.ledger[:users].notes).to include(protected_transitions: 1)
  end

  it "unlinks only after as many full reads in a row as the declaration asks for" do
    patient = sync_that { contact_missing set: {}, after: 3 }
    ann = contact("ann@b.edu")
    bob = contact("bob@b.edu")
    user = linked_user(ann)
    states = [[bob], [bob], [ann, bob], [bob], [bob], [bob]].map do |contacts|
      salesforce_has(*contacts, view_all_data: :withheld)
      patient.call
      user.reload.salesforce_contact_id.present?
    end
    expect(states).to eq([true, true, true, true, true, false])
  end

  it "decides on everybody but changes only those who are asked for" do
    ann = create_user(email: "ann@b.edu")
    bob = create_user(email: "bob@b.edu")
    salesforce_has contact("ann@b.edu"), contact("bob@b.edu")
    run = sync(only: User.where(id: bob.id))
    expect(actions(run.applied)).to eq(bob => :link)
    expect(ann.reload.salesforce_contact_id).to be_nil
  end

  it "copies a value where there is no map" do
    copying = sync_that { attribute :first_name, from: "FirstName", blank: :keep }
    ann = contact("ann@b.edu", "FirstName" => "Ann")
    bob = contact("bob@b.edu", "FirstName" => " ")
    users = [linked_user(ann, first_name: "A"), linked_user(bob, first_name: "B")]
    salesforce_has ann, bob
    copying.call
    expect(users.map { |user| user.reload.first_name }).to eq(%w[Ann B])
  end

  it "keeps a value whose parent is named but not there: unknown is not empty" do
    ann = contact("ann@b.edu", faculty: "Confirmed").merge("AccountId" => salesforce_id("001"))
    user = linked_user(ann, school_location: :foreign_school, faculty_status: :confirmed_faculty)
    salesforce_has ann
    run = sync
    expect(user.reload.school_location).to eq("foreign_school")
    expect(run.ledger[:contacts].notes).to include(parent_not_there: 1)
  end

  it "reads no more rows than are allowed, and says how to allow more" do
    salesforce_has contact("ann@b.edu"), contact("bob@b.edu"), settings: { max_rows: 1 }
    expect { sync }.to raise_error(CrmSync::RemoteError, /2 rows, and at most 1 .*raise `max_rows`/)
  end

  it "writes nothing when it plans" do
    create_user(email: "ann@b.edu")
    salesforce_has contact("ann@b.edu")
    expect { UpdateUserSalesforceInfo.plan }.not_to(change { all_rows })
    expect(CrmSync::StateRow.count).to eq(0)
  end

  it "applies a plan later, and reports what has moved since" do
    ann, bob, eve = %w[ann@b.edu bob@b.edu eve@b.edu].map { |address| create_user(email: address) }
    salesforce_has(*%w[ann@b.edu bob@b.edu eve@b.edu].map { |address| contact(address, faculty: "Confirmed") })
    plan = UpdateUserSalesforceInfo.plan
    ann.contact_infos.first.update!(verified: false)
    bob.update!(faculty_status: :pending_faculty)
    run = plan.apply
    expect(run.applied.map(&:key)).to eq([eve.id])
    expect(run.stale.transform_keys(&:key)).to match(ann.id => /no longer trusted/,
                                                     bob.id => /faculty_status has changed/)
    expect(run.status).to eq(:partial)
  end

  it "does not apply a plan to another org than it was made with" do
    create_user(email: "ann@b.edu")
    salesforce_has contact("ann@b.edu")
    plan = UpdateUserSalesforceInfo.plan
    salesforce_stops
    salesforce_has
    expect { plan.apply }.to raise_error(CrmSync::ConfigurationError, /plan again/)
    expect(User.where.not(salesforce_contact_id: nil)).to be_empty
  end

  it "explains a user, also one that cannot be concerned" do
    ann = contact("ann@b.edu", faculty: "Confirmed")
    user = create_user(email: "ann@b.edu")
    other = create_user(state: "temp", is_newflow: true)
    salesforce_has ann, lead("ann@b.edu")
    expect(UpdateUserSalesforceInfo.explain(user)).to include("a…@b.edu", ann["Id"], "rule 4", "planned: link")
    expect(UpdateUserSalesforceInfo.explain(other.id)).to include("was not read")
  end

  it "links a user with a key that is not a number" do
    ActiveRecord::Base.connection.create_table(:members, id: :string) { |t| t.string :contact_id }
    ActiveRecord::Base.connection.create_table(:mails) { |t| t.string :member_id, :value }
    stub_const("Mail", Class.new(ActiveRecord::Base) { scope :known, -> { where.not(value: nil) } })
    stub_const("Member", Class.new(ActiveRecord::Base) { has_many :mails })
    stub_const("MemberSync", Class.new(CrmSync::ContactSync))
    MemberSync.contacts "Contact"
    MemberSync.model "Member", foreign_key: :contact_id
    MemberSync.match_by(:mails, column: :value, to: %w[Email]) { trust :known }
    member = Member.create!(id: "é-1:~,", mails: [Mail.new(value: "Ann@b.edu")])
    ann = contact("ann@b.edu")
    salesforce_has ann
    expect { MemberSync.call }.to change { member.reload.contact_id }.to(ann["Id"])
  ensure
    %i[mails members].each { |table| ActiveRecord::Base.connection.drop_table(table, if_exists: true) }
  end
end
