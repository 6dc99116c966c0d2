# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# Covers mistakes that the old routine had in October 2020, and kept.
RSpec.describe "The traps of October 2020" do
  include ContactSyncWorld

  on_each_database do
    describe "B1: the status of leads was never fetched" do
      it "rejects who has nothing but converted leads, and awaits everybody else who has leads" do
        converted = create_user(email: "converted@b.edu")
        open_too = create_user(email: "open@b.edu")
        salesforce_has lead("converted@b.edu", status: "Converted"), lead("converted@b.edu", status: "Converted"),
                       lead("open@b.edu", status: "Converted"), lead("open@b.edu", status: "Open")
        sync
        expect(converted.reload.faculty_status).to eq("rejected_faculty")
        expect(open_too.reload.faculty_status).to eq("pending_faculty")
      end
    end

    describe "B2: an unlinked user with a colliding address was reset" do
      it "changes nothing about that user, and does not speak of a contact that is gone" do
        user = create_user(email: "office@b.edu", faculty_status: :confirmed_faculty, school_type: :college,
                           school_location: :domestic_school)
        one, two = contacts = Array.new(2) { contact("office@b.edu", faculty: "Pending") }
        salesforce_has(*contacts)
        run = nil
        expect { run = sync }.not_to(change { all_rows })
        expect(users_of(run.issues, :held_user)).to eq([[user.id]])
        expect(contacts_of(run.issues, :contested_address)).to eq([ids(one, two)])
        expect(run.problems.join).not_to include("gone")
      end
    end

    describe "Ruby's downcase and SQL's lower() disagreed" do
      it "takes the addresses that the index knows for those that the database has" do
        same = create_user(email: " O'Neil@B.EDU ", faculty_status: :pending_faculty)
        accented = create_user(email: "Éva@b.edu", faculty_status: :pending_faculty)
        dotted = create_user(email: "İnci@b.edu", faculty_status: :pending_faculty)
        salesforce_has contact("o'neil@b.edu", faculty: "Confirmed"), contact("éva@b.edu"), contact("Éva@B.edu"),
                       contact("i̇nci@b.edu"), contact("inci@b.edu")
        run = sync
        expect(actions(run.applied)).to eq(same => :link, accented => :link, dotted => :sweep)
        expect(accented.reload.salesforce_contact_id).to eq(salesforce.records("Contact")[2]["Id"])
      end
    end
  end

  using_database :sqlite

  describe "B1: a field was read that had not been fetched" do
    it "fetches all that the declaration reads" do
      salesforce_has
      sync
      expect(queries("Lead").join).to include("Status").and include("Email")
      expect(queries("Contact").join).to include(
        "Email_alt__c", "Faculty_Verified__c", "School_Type__c", "Adoption_Status__c", "Grant_Tutor_Access__c",
        "Account.School_Location__c", "Account.K_I_P__c", "Account.child_of_kip__c"
      )
    end

    it "does not take a field for empty that the answer leaves out" do
      user = linked_user(contact, faculty_status: :confirmed_faculty)
      row = { "attributes" => {}, "Id" => user.salesforce_contact_id, "Email" => "a@b.edu" }
      answer = { status: 200, content_type: "application/json",
                 body: JSON.generate(totalSize: 1, done: true, records: [row]) }
      salesforce_has faults: [{ on: :query, object: "Contact", answer: { status: answer } }]
      expect { sync }.to raise_error(CrmSync::RemoteError, /was asked for and is not there/)
      expect(user.reload).to be_confirmed_faculty
    end
  end

  describe "B3: of two colliding contacts each went on in its own way" do
    let(:one) { contact("office@b.edu", "one@b.edu", faculty: "Confirmed") }
    let(:two) { contact("two@b.edu", "Office@b.edu", faculty: "Confirmed") }

    it "closes both contacts to new users, also through their other addresses" do
      first = create_user(email: "one@b.edu")
      second = create_user(email: "two@b.edu")
      salesforce_has one, two
      run = sync
      expect([first, second].map { |user| user.reload.salesforce_contact_id }).to eq([nil, nil])
      expect(users_of(run.issues, :held_user)).to contain_exactly([first.id], [second.id])
      expect(run.ledger[:contacts].buckets).to include(closed: 2)
    end

    it "says so truly: one issue, with both ids, and without anybody's address" do
      salesforce_has one, two
      issue, *others = sync.issues
      expect(others).to be_empty
      expect(issue.contacts).to eq(ids(one, two))
      expect(issue.message).to include(one["Id"]).and include(two["Id"])
      expect(issue.message).not_to include("office@b.edu")
    end

    it "never lets one run undo the last: who is linked by the other address stays, with no log and no mail" do
      user = linked_user(one, email: "one@b.edu", faculty_status: :confirmed_faculty, is_kip: nil)
      salesforce_has one, two
      sync
      settled = all_rows
      2.times { expect(sync.status).to eq(:unchanged) }
      expect(all_rows).to eq(settled)
      expect(user.reload.salesforce_contact_id).to eq(one["Id"])
      expect(SecurityLog.count).to eq(0)
      expect(verification_mails).to be_empty
    end

    it "never breaks a link that exists, whichever of the two it leads to" do
      bare = contact("office@b.edu", faculty: "Rejected")
      first = linked_user(one, email: "office@b.edu")
      second = linked_user(bare)
      salesforce_has one, bare
      sync
      expect(first.reload).to have_attributes(salesforce_contact_id: one["Id"], faculty_status: "confirmed_faculty")
      expect(second.reload).to have_attributes(salesforce_contact_id: bare["Id"], faculty_status: "rejected_faculty")
    end

    it "opens the contacts again when the collision is resolved" do
      first = create_user(email: "one@b.edu")
      second = create_user(email: "two@b.edu")
      salesforce_has one, two
      sync
      salesforce_has one, two.merge("Email_alt__c" => nil)
      expect(actions(sync.applied)).to eq(first => :link, second => :link)
    end
  end

  describe "A contact that was gone cost the user's data twice: reset, then linked again" do
    it "is one change: one save, no status in between, no second log, no second mail" do
      gone = contact
      user = linked_user(gone, email: "ann@b.edu", faculty_status: :confirmed_faculty)
      app = ApplicationUser.create!(user:, application: Application.create!(name: "Tutor"), unread_updates: 0)
      fresh = contact("ann@b.edu", faculty: "Confirmed")
      salesforce_has fresh
      run = sync
      expect(actions(run.applied)).to eq(user => :relink)
      expect(user.reload).to have_attributes(salesforce_contact_id: fresh["Id"], faculty_status: "confirmed_faculty")
      expect(app.reload.unread_updates).to eq(1)
      expect(SecurityLog.count).to eq(0)
      expect(verification_mails).to be_empty
    end
  end

  describe "B4: one colliding and one good address crashed" do
    it "reports the ambiguity with the ids that there are, and goes on with the others" do
      torn = create_user(email: "office@b.edu", faculty_status: :pending_faculty)
      create_email(torn, "good@b.edu")
      other = create_user(email: "other@b.edu")
      one = contact("office@b.edu")
      two = contact("office@b.edu")
      salesforce_has one, two, contact("good@b.edu"), contact("other@b.edu")
      run = sync
      expect(run.errors).to be_empty
      expect(actions(run.applied)).to eq(other => :link)
      expect(contacts_of(run.issues, :held_user)).to eq([ids(one, two)])
      expect(torn.reload).to have_attributes(salesforce_contact_id: nil, faculty_status: "pending_faculty")
    end
  end

  describe "B5: a linked contact without addresses was taken for gone" do
    it "finds a contact by its id, whatever its addresses are" do
      bare = [contact, contact(""), contact(" ", "\t")].map { |row| row.merge("Faculty_Verified__c" => "Confirmed") }
      users = bare.map { |row| linked_user(row) }
      salesforce_has(*bare)
      sync
      expect(users.map(&:reload)).to all(be_confirmed_faculty)
      expect(users.map(&:salesforce_contact_id)).to eq(bare.map { |row| row["Id"] })
    end
  end

  describe "B6: an empty or partial answer reset everybody" do
    let(:contacts) { Array.new(6) { |n| contact("teacher#{n}@b.edu", faculty: "Confirmed") } }

    before { contacts.each { |row| linked_user(row, faculty_status: :confirmed_faculty) } }

    it "writes nothing when no contacts come, in the first run already, and shows how to go on" do
      salesforce_has lead("somebody@b.edu")
      run = nil
      expect { run = sync }.not_to(change { all_rows })
      expect(run.status).to eq(:blocked)
      expect(run.refusals.join).to include("contacts came back empty")
        .and include("UpdateUserSalesforceInfo.call(allow: { contacts: 0 })")
    end

    it "writes nothing when fewer than half of last time's contacts come" do
      salesforce_has(*contacts)
      sync
      salesforce_has(*contacts.first(2))
      run = nil
      expect { run = sync }.not_to(change { all_rows })
      expect(run.status).to eq(:blocked)
      expect(run.refusals.join).to match(/2 rows; there were 6 last time.*allow: \{ contacts: 2 \}/)
    end

    it "does not take the answer that it blocked for the measure of the next one" do
      salesforce_has(*contacts)
      sync
      salesforce_has
      expect(Array.new(2) { sync.status }).to eq(%i[blocked blocked])
    end

    it "writes nothing when the field that matters most turns blank everywhere" do
      salesforce_has(*contacts)
      sync
      salesforce_has(*contacts.map { |row| row.merge("Faculty_Verified__c" => nil) })
      run = nil
      expect { run = sync }.not_to(change { all_rows })
      expect(run.refusals.join).to include("none of the 6 contacts has Faculty_Verified__c")
    end

    { "a failing page" => { on: :next_page, skip: 1, answer: { status: { status: 500 } } },
      "a page left out" => { on: :next_page, times: 1, answer: :skip_page },
      "a page given twice" => { on: :next_page, times: 1, answer: :repeat_page },
      "a total that is not reached" => { on: :any, object: "Contact", answer: { total_size: 7 } },
      "an answer cut short" => { on: :query, object: "Contact", answer: :truncate },
      "leads that cannot be read" => { on: :query, object: "Lead", answer: { status: { status: 500 } } } }
      .each do |what, fault|
        it "decides on nothing after #{what}" do
          salesforce_has(*contacts, page_size: 2, faults: [fault])
          before = all_rows
          expect { sync }.to raise_error(CrmSync::RemoteError)
          expect(all_rows).to eq(before)
        end
      end
  end

  describe "B7: collisions were forgotten from batch to batch" do
    it "knows them over all pages, and leaves no place that a third contact could take" do
      office = create_user(email: "office@b.edu")
      third = create_user(email: "third@b.edu")
      claimants = [contact("office@b.edu"), contact("OFFICE@b.edu"), contact("office@b.edu ", "third@b.edu")]
      salesforce_has(*claimants, page_size: 1)
      run = sync
      expect(run.applied).to be_empty
      expect(contacts_of(run.issues, :contested_address)).to eq([ids(*claimants)])
      expect(users_of(run.issues, :held_user)).to contain_exactly([office.id], [third.id])
    end
  end

  describe "B8: addresses in different slices of a thousand were never seen together" do
    it "decides on each user over all of that user's addresses" do
      user = create_user(email: "teacher0@b.edu")
      create_email(user, "teacher1100@b.edu")
      contacts = Array.new(1101) { |n| contact("teacher#{n}@b.edu") }
      salesforce_has(*contacts, page_size: 200)
      run = sync
      expect(user.reload.salesforce_contact_id).to be_nil
      expect(contacts_of(run.issues, :held_user)).to eq([ids(contacts.first, contacts.last)])
    end
  end

  describe "B9: an unverified claim made somebody faculty" do
    it "counts a claim for nothing where another user has verified the address" do
      claimant = create_user(email: "ann@b.edu", verified: false, is_school_issued: true)
      owner = create_user(email: "Ann@b.edu")
      salesforce_has contact("ann@b.edu", faculty: "Confirmed")
      sync
      expect(claimant.reload).to have_attributes(salesforce_contact_id: nil, faculty_status: "no_faculty_info")
      expect(owner.reload).to be_confirmed_faculty
    end

    # The claimant is held as the weaker of two where both ask for the contact; here the owner does not.
    it "plans no link for a claim where the user who has verified the address has another contact" do
      other = contact("other@b.edu", faculty: "Confirmed")
      create_user(email: "ann@b.edu", verified: false, is_school_issued: true)
      owner = linked_user(other, email: "Ann@b.edu")
      salesforce_has other, contact("ann@b.edu", faculty: "Confirmed")
      expect(actions(UpdateUserSalesforceInfo.plan.changes)).to eq(owner => :update)
    end

    it "lets a claim lead to no lead" do
      claimant = create_user(email: "ann@b.edu", verified: false, is_school_issued: true)
      salesforce_has lead("ann@b.edu")
      sync
      expect(claimant.reload).to be_no_faculty_info
    end

    it "sends Salesforce no mail for somebody who has no verified address" do
      claimant = create_user(email: "ann@b.edu", verified: false, is_school_issued: true)
      salesforce_has contact("ann@b.edu", faculty: "Confirmed")
      sync
      expect(claimant.reload).to be_confirmed_faculty # as the recipe says
      expect(salesforce.requests.map { |request| request["method"] }).not_to include("PATCH")
      expect(CrmSync::OutboxRow.count).to eq(0)
    end

    it "links on verified addresses only unless the declaration says otherwise" do
      claimant = create_user(email: "ann@b.edu", verified: false, is_school_issued: true)
      salesforce_has contact("ann@b.edu", faculty: "Confirmed")
      unspoken = sync_that do
        attribute :faculty_status, from: "Faculty_Verified__c", map: { "Confirmed" => :confirmed_faculty }
      end
      expect(unspoken.plan).to be_empty
      expect(claimant.reload.salesforce_contact_id).to be_nil
    end
  end

  describe "B10: one contact made two users faculty" do
    let(:ann) { contact("ann@b.edu", "ann@home.example", faculty: "Confirmed") }

    it "links neither of two new users, and reports both" do
      users = [create_user(email: "ann@b.edu"), create_user(email: "ann@home.example")]
      salesforce_has ann
      run = sync
      expect(run.applied).to be_empty
      expect(users_of(run.issues, :held_user)).to eq(users.map { |user| [user.id] })
      expect(users.map(&:reload)).to all(be_no_faculty_info)
      expect(verification_mails).to be_empty
    end

    it "leaves the contact to the user who has it already" do
      owner = linked_user(ann)
      other = create_user(email: "ann@b.edu")
      salesforce_has ann
      run = sync
      expect(actions(run.applied)).to eq(owner => :update)
      expect(users_of(run.issues, :held_user)).to eq([[other.id]])
      expect(other.reload.salesforce_contact_id).to be_nil
    end

    it "reports two who are linked already, and leaves them so" do
      users = [linked_user(ann), linked_user(ann)]
      salesforce_has ann
      run = sync
      expect(users_of(run.issues, :shared_contact)).to eq([users.map(&:id)])
      expect(users.map { |user| user.reload.salesforce_contact_id }).to all(eq(ann["Id"]))
    end
  end

  describe "B11: the sweep wiped what was set by hand" do
    it "sweeps nobody unless the declaration says so" do
      create_user(email: "ann@b.edu", faculty_status: :confirmed_faculty)
      salesforce_has contact("other@b.edu")
      unspoken = sync_that do
        attribute :faculty_status, from: "Faculty_Verified__c", map: { "Confirmed" => :confirmed_faculty }
      end
      expect(unspoken.plan).to be_empty
    end

    it "lowers no more people than the budget allows, in the name of the sweep as of anything else" do
      teachers = Array.new(6) { create_user(faculty_status: :confirmed_faculty) }
      salesforce_has contact("other@b.edu")
      run = sync
      expect(run.status).to eq(:held)
      expect(teachers.map(&:reload)).to all(be_confirmed_faculty)
    end

    it "sweeps with callbacks, so that client apps learn of it" do
      user = create_user(faculty_status: :pending_faculty, updated_at: 1.day.ago)
      app = ApplicationUser.create!(user:, application: Application.create!(name: "Tutor"), unread_updates: 0)
      salesforce_has contact("other@b.edu")
      expect { sync }.to(change { app.reload.unread_updates }.from(0).to(1).and(change { user.reload.updated_at }))
      expect(user.reload).to be_no_faculty_info
    end
  end

  describe "B12: two blank addresses collided" do
    it "takes a blank for no address, on both sides" do
      user = create_user(email: "ann@b.edu")
      blank = create_user(faculty_status: :pending_faculty)
      insert_emails([{ user_id: blank.id, value: "" }, { user_id: blank.id, value: " " }])
      ann = contact("ann@b.edu", "")
      salesforce_has ann, contact("", " "), contact(" "), contact("\u00a0")
      run = sync
      expect(run.issues).to be_empty
      expect(actions(run.applied)).to eq(user => :link, blank => :sweep)
    end
  end

  describe "B13: an unknown text turned `using_openstax` into nil" do
    it "leaves the field alone, reports the text once, and goes on with the other fields" do
      rows = Array.new(2) { contact(faculty: "Confirmed", "Adoption_Status__c" => "Adopter, perhaps") }
      users = rows.map { |row| linked_user(row, using_openstax: true) }
      salesforce_has(*rows)
      run = sync
      expect(users.map(&:reload)).to all(have_attributes(using_openstax: true, faculty_status: "confirmed_faculty"))
      expect(users_of(run.issues, :unknown_value)).to eq([users.map(&:id)])
      expect(run.problems.join).to include("Adopter, perhaps").and include("using_openstax")
    end
  end

  describe "The result depended on the order of rows" do
    let(:records) do
      overlapping = [contact("office@b.edu", "one@b.edu"), contact("two@b.edu", "office@b.edu"), contact("two@b.edu")]
      [*overlapping, contact("free@b.edu", faculty: "Confirmed"), lead("lead@b.edu", status: "Converted"),
       lead("lead@b.edu")]
    end

    before do
      %w[one@b.edu two@b.edu office@b.edu free@b.edu lead@b.edu].each { |email| create_user(email:) }
      linked_user(records[2], faculty_status: :confirmed_faculty)
    end

    it "is the same for every order, to the byte" do
      orders = records.permutation.each_slice(24).map(&:first)
      plans = orders.map do |order|
        salesforce_has(*order)
        plan = UpdateUserSalesforceInfo.plan
        [plan.digest, plan.to_s]
      end
      expect(plans.uniq.size).to eq(1)
    end

    it "is the same for every size of pages and every order of the server's own" do
      plans = [1, 2, 5].product([1, 2, 3]).map do |page_size, seed|
        salesforce_has(*records, page_size:, seed:, shuffle: true)
        UpdateUserSalesforceInfo.plan.digest.tap { salesforce_stops }
      end
      expect(plans.uniq.size).to eq(1)
    end
  end
end
