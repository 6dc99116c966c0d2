# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# Covers the weaknesses of the redesign that was proposed to take the old routine's place (PR #1714).
RSpec.describe "The traps of the redesign" do
  include ContactSyncWorld

  using_database :sqlite

  describe "(a) one poisonous record stopped the run, and every run after it" do
    using_database :sqlite

    it "goes on with all the others, run after run, and with the record itself once it is mended" do
      unknown, failing = %w[unknown@b.edu failing@b.edu].map { |email| create_user(email:) }
      spoil(failing)
      contacts = [contact("unknown@b.edu", faculty: "Fnord"), contact("failing@b.edu", faculty: "Confirmed")]
      %w[early@b.edu late@b.edu].each do |email|
        create_user(email:)
        salesforce_has(*contacts.push(contact(email, faculty: "Confirmed")))
        run = sync
        expect(run.errors.map(&:key)).to eq([failing.id])
        expect(users_of(run.issues, :unknown_value)).to eq([[unknown.id]])
      end
      expect(User.confirmed_faculty.count).to eq(2)
      failing.update_columns(support_identifier: "mended")
      expect(actions(sync.applied)).to include(failing => :link)
    end
  end

  describe "(e) the alarm came after the writes" do
    before do
      @teachers = Array.new(6) { linked_user(contact, faculty_status: :confirmed_faculty) }
      @newcomer = create_user(email: "new@b.edu")
      # Adds as many linked users whose contacts come: nothing at all is written where most do not.
      others = Array.new(6) { contact }
      others.each { |other| linked_user(other) }
      salesforce_has contact("new@b.edu", faculty: "Confirmed"), *others
    end

    it "holds back all changes of a kind that goes beyond its budget, and carries out the rest" do
      run = sync
      expect(run.status).to eq(:held)
      expect(@teachers.map(&:reload)).to all(have_attributes(faculty_status: "confirmed_faculty",
                                                             salesforce_contact_id: be_present))
      expect(@newcomer.reload).to be_confirmed_faculty
      expect(run.ledger[:changes].buckets).to include(held: 6, applied: 1)
    end

    it "says whom it concerns, and the call that goes on, which does" do
      run = sync
      expect(run.refusals.join).to include(*@teachers.map { |teacher| teacher.id.to_s },
                                           "UpdateUserSalesforceInfo.call(allow: { unlink: 6, demote: 6 })")
      expect(run.refusals.map(&:allow)).to all(eq(unlink: 6, demote: 6))
      expect(sync(allow: run.refusals.first.allow).status).to eq(:applied)
      expect(@teachers.map(&:reload)).to all(be_no_faculty_info)
    end

    it "allows no more than was allowed" do
      expect(sync(allow: { unlink: 5, demote: 6 }).status).to eq(:held)
    end

    it "raises where that was asked for, and has done the rest all the same" do
      expect { UpdateUserSalesforceInfo.call! }.to raise_error(CrmSync::BudgetExceeded, /unlink/)
      expect(@newcomer.reload).to be_confirmed_faculty
    end

    it "counts by meaning: leads that reject have a budget too" do
      users = Array.new(6) { |n| create_user(email: "lead#{n}@b.edu", faculty_status: :pending_faculty) }
      salesforce_has(*salesforce.records("Contact"),
                     *Array.new(6) { |n| lead("lead#{n}@b.edu", status: "Converted") })
      run = sync
      expect(users.map(&:reload)).to all(be_pending_faculty)
      expect(run.refusals.join).to include("reject: 6")
    end
  end

  describe "(h) there was no dry run" do
    it "plans without writing anything, here or there, and applies just what it planned" do
      linked = create_user(email: "ann@b.edu")
      unlinked = linked_user(contact, faculty_status: :pending_faculty)
      salesforce_has contact("ann@b.edu", faculty: "Confirmed")
      before = all_rows
      plan = UpdateUserSalesforceInfo.plan
      expect(actions(plan.changes)).to eq(linked => :link, unlinked => :unlink)
      expect(plan.to_s).to include(linked.id.to_s, unlinked.id.to_s, "no_faculty_info → confirmed_faculty")
      expect(all_rows).to eq(before)
      expect(CrmSync::StateRow.count).to eq(0)
      expect(salesforce.requests.map { |request| request["method"] }).not_to include("PATCH")
      expect(plan.apply.applied).to eq(plan.changes)
    end
  end

  describe "(j) requests grew with the number of users until the server refused them" do
    it "asks the same, however many users there are" do
      salesforce_has contact
      create_users(3000) do |n|
        { email: "teacher#{n}@b.edu", salesforce_contact_id: n.even? ? salesforce_id("003") : nil }
      end
      UpdateUserSalesforceInfo.plan
      by_id, sources = queries.partition { |query| query.include?("Id IN (") }
      # Contacts, leads, and whether the user sees all.
      expect(sources.size).to eq(3)
      expect(sources.map(&:size)).to all(be < 1000)
      # The contacts of linked users that did not come are asked for by id, as many at once as an address holds.
      expect(by_id.size).to eq(4)
      expect(by_id.map { |query| URI.encode_www_form(q: query).bytesize }).to all(be < 14_000)
    end
  end
end
