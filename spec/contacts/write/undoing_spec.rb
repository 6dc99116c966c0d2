# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# Acceptance 5 of "Trust": undo! after a run with later human edits: the edits stay.
RSpec.describe "undo! of a contact sync's run" do
  include ContactSyncWorld

  def runs
    UpdateUserSalesforceInfo.runs
  end

  def columns(user)
    user.reload.attributes.slice("salesforce_contact_id", "faculty_status", "school_type", "school_location",
                                 "using_openstax", "is_kip", "grant_tutor_access")
  end

  # Users that the next run links and confirms, with their contacts.
  def newcomers(*names)
    contacts = names.map { |name| contact("#{name}@b.edu", faculty: "Confirmed", "School_Type__c" => "High School") }
    salesforce_has(*contacts)
    names.map { |name| create_user(email: "#{name}@b.edu", faculty_status: :pending_faculty) }
  end

  on_each_database do
    it "puts back what stood there, and the next run does not do it again" do
      users = newcomers("ann", "bob")
      before = users.map { |user| columns(user) }
      run = sync
      expect(users.map { |user| columns(user) }).not_to include(*before)

      undone = run.undo!
      expect(undone.status).to eq(:applied)
      expect(undone.applied.map(&:action)).to eq(%i[undo undo])
      expect(undone.ledger[:changes].buckets).to include(applied: 2)
      expect(users.map { |user| columns(user) }).to eq(before)
      expect(runs.first).to have_attributes(id: undone.id, undoes: run.id, status: :applied)
      expect(runs.first.changes.map { |change| [change.before, change.after] })
        .to eq(runs.last.changes.map { |change| [change.after, change.before] })

      again = sync
      expect([again.status, users.map { |user| columns(user) }]).to eq([:unchanged, before])
      expect(again.issues.map(&:kind)).to eq([:undone])
      expect(again.issues.first.users).to eq(users.map(&:id))
      expect(again.ledger[:users].buckets).to include(undone: 2, link: 0)
    end

    it "lets later human edits stay, all columns of their records, and lists them with what stands there now" do
      edited, changed, deleted, untouched = newcomers("ann", "bob", "cy", "dee")
      before = columns(untouched)
      run = sync
      salesforce.replace("Contact", salesforce.records("Contact").map do |row|
        row["Email"] == "bob@b.edu" ? row.merge("Faculty_Verified__c" => "Pending") : row
      end)
      later = sync
      edited.reload.update!(school_type: :college)
      ContactInfo.where(user_id: deleted.id).delete_all
      deleted.reload.delete
      kept = [edited, changed].map { |user| columns(user) }

      undone = run.undo!
      expect(undone.status).to eq(:partial)
      expect(undone.applied.map(&:key)).to eq([untouched.id])
      expect(columns(untouched)).to eq(before)
      expect([edited, changed].map { |user| columns(user) }).to eq(kept)
      expect(undone.stale.transform_keys(&:key)).to match(
        edited.id => /\Aschool_type is college now, and was high_school after the run, not by this sync, after \d{4}-/,
        changed.id => /\Afaculty_status is pending_faculty now.*, by run #{later.id} \(update\) at \d{4}-/,
        deleted.id => /\Ait is gone, not by this sync, after \d{4}-/
      )
      expect(undone.ledger[:changes].buckets).to include(applied: 1, stale: 3)
    end
  end

  describe "on one database" do
    using_database :sqlite

    it "says what stays of all that followed" do
      newcomers("ann")
      run = sync
      undone = run.undo!
      expect(undone.issues.map(&:kind)).to eq([:not_undone])
      expect(undone.problems.join).to include("what followed the changes of run #{run.id} stays",
                                              "write_back and after_transition")
      expect([SecurityLog.count, verification_mails.size]).to eq([1, 1])
    end

    it "says how many write-backs still wait" do
      newcomers("ann")
      run = User.transaction { sync } # in a transaction of the host's nothing is sent
      forget = 'CrmSync::OutboxRow.where(sync: "UpdateUserSalesforceInfo").delete_all'
      expect(run.undo!.problems.join).to include(
        "1 write-back of this sync still waits, and what was undone is not sent", forget
      )
    end

    it "sends no mail and writes no security log when it puts back a confirmation" do
      ann = contact("ann@b.edu", faculty: "Confirmed")
      user = linked_user(ann, email: "ann@b.edu", faculty_status: :confirmed_faculty)
      salesforce_has ann.merge("Faculty_Verified__c" => "Pending")
      sync.undo!
      expect(user.reload).to be_confirmed_faculty
      expect([SecurityLog.count, CrmSync::OutboxRow.count, verification_mails]).to eq([0, 0, []])
    end

    it "is itself a run that can be undone, after which the sync follows Salesforce as before" do
      user, = newcomers("ann")
      run = sync
      after = columns(user)
      redone = run.undo!.undo!
      expect([redone.status, redone.applied.map(&:action), columns(user)]).to eq([:applied, [:redo], after])
      expect(sync).to have_attributes(status: :unchanged, issues: [])
      rows = salesforce.records("Contact")
      salesforce.replace("Contact", rows.map { |row| row.merge("Faculty_Verified__c" => "Pending") })
      expect(sync.applied.map(&:after)).to eq([{ faculty_status: "pending_faculty" }])
    end

    it "finds nothing to put back the second time" do
      newcomers("ann")
      run = sync
      undone = run.undo!
      again = run.undo!
      expect([again.status, again.applied]).to eq([:partial, []])
      expect(again.stale.values.first).to include("by run #{undone.id} (undo)")
    end

    it "works from the list of runs and by number, also for one that was interrupted" do
      user, = newcomers("ann")
      run = sync
      CrmSync::RunRow.update_all(status: "running", finished_at: nil)
      expect(CrmSync::History.find(run.id).undo!.status).to eq(:applied)
      expect(user.reload.salesforce_contact_id).to be_nil
      expect(runs.map(&:status)).to eq(%i[applied interrupted])
    end

    it "leaves alone only what was undone: what else Salesforce says is followed" do
      ann = contact("ann@b.edu", faculty: "Pending")
      user = linked_user(ann)
      salesforce_has ann
      sync.undo!
      salesforce_has ann.merge("School_Type__c" => "College/University (4)")
      run = sync
      expect(run.applied.map(&:after)).to eq([{ school_type: "college" }])
      expect(run.issues.map(&:kind)).to eq([:undone])
      expect(run.ledger[:users].buckets).to include(update: 1)
      expect(run.ledger[:changes].notes).to eq(undone_fields: 1)
      expect(user.reload).to be_no_faculty_info
    end

    it "is followed by the sync again when Salesforce says something else, or somebody thaws it" do
      contacts = %w[ann@b.edu bob@b.edu].map { |email| contact(email, faculty: "Pending") }
      ann, bob = contacts.map { |row| linked_user(row) }
      salesforce_has(*contacts)
      sync.undo!
      expect(sync.applied).to eq([])
      salesforce_has contacts.first.merge("Faculty_Verified__c" => "Rejected by hand"), contacts.last
      expect(actions(sync.applied)).to eq(ann => :update)
      expect(UpdateUserSalesforceInfo.thaw(bob)).to eq([:faculty_status])
      expect(UpdateUserSalesforceInfo.thaw(bob.id)).to eq([])
      expect(sync.applied.map(&:after)).to eq([{ faculty_status: "pending_faculty" }])
    end

    it "is thawed for a record that was deleted, too" do
      ann = contact("ann@b.edu", faculty: "Pending")
      key = linked_user(ann).id
      salesforce_has(ann)
      sync.undo!
      User.find(key).destroy!
      expect(UpdateUserSalesforceInfo.thaw(key)).to eq([:faculty_status])
      expect { UpdateUserSalesforceInfo.thaw(key) }.to raise_error(ArgumentError, /no User #{key}, and nothing/)
    end

    it "holds nobody back for a budget of what is left alone" do
      contacts = Array.new(6) { |n| contact("teacher#{n}@b.edu", faculty: "Pending") }
      contacts.each { |row| linked_user(row, faculty_status: :confirmed_faculty) }
      salesforce_has(*contacts)
      sync(allow: { demote: 6 }).undo!
      salesforce_has(*contacts.map { |row| row.merge("School_Type__c" => "High School") })
      run = sync
      expect([run.status, run.applied.flat_map(&:budgets)]).to eq([:applied, []])
      expect(User.confirmed_faculty.count).to eq(6)
    end

    it "is respected by a plan that was kept before" do
      newcomers("ann", "bob")
      path = File.join(scratch, "sync.plan")
      UpdateUserSalesforceInfo.plan.save(path)
      sync(only: User.where(id: User.first.id)).undo!
      run = CrmSync::Plan.load(path).apply
      expect(run.applied.map(&:key)).to eq([User.last.id])
      expect([run.issues.map(&:kind), run.ledger[:changes].rows]).to eq([[:undone], 1])
    end

    it "gives nobody a contact that is another's by now" do
      gone = contact("old@b.edu")
      user = linked_user(gone)
      salesforce_has contact("other@b.edu")
      run = sync
      other = linked_user(gone)
      undone = run.undo!
      expect(undone.stale.values).to match([/the contact is another's by now/])
      other.update!(salesforce_contact_id: nil)
      expect(run.undo!.status).to eq(:applied)
      expect(user.reload.salesforce_contact_id).to eq(gone["Id"])
    end

    it "gives nobody a contact that is another's by now, however either of them spells it" do
      gone = Array.new(4) { contact("old@b.edu") }
      long, short = [18, 15].map { |size| ->(row) { row.merge("Id" => row["Id"].first(size)) } }
      spellings = [short, long].product([short, long])
      gone.zip(spellings) { |row, (first, _)| linked_user(first.call(row)) }
      salesforce_has contact("other@b.edu")
      run = sync
      gone.zip(spellings) { |row, (_, second)| linked_user(second.call(row)) }
      undone = run.undo!
      expect(undone.stale.values).to match([/the contact is another's by now/] * 4)
      expect(undone.applied).to eq([])
    end

    it "writes nothing that the declaration does not write any more" do
      small = sync_that { attribute :first_name, from: "FirstName" }
      create_user(email: "ann@b.edu", first_name: "Old")
      salesforce_has contact("ann@b.edu", "FirstName" => "Ann")
      run = small.call
      sync_that { attribute :last_name, from: "LastName" }
      expect(run.undo!.stale.values).to eq(["the declaration does not write first_name any more"])
      hide_const("SmallSync")
      expect { run.undo! }.to raise_error(CrmSync::ConfigurationError, /one of SmallSync, which this app does not have/)
    end

    it "is skipped while the sync runs" do
      user, = newcomers("ann")
      run = sync
      undone = nil
      UpdateUserSalesforceInfo.planner.lock.hold(held: nil) { undone = Thread.new { run.undo! }.value }
      expect([undone.status, undone.id]).to eq([:skipped, nil])
      expect(user.reload.salesforce_contact_id).to be_present
      expect { undone.undo! }.to raise_error(ArgumentError, /it changed nothing/)
    end

    it "has no budgets" do
      newcomers(*("a".."h"))
      run = sync(allow: { effects: 8 })
      expect(run.undo!.applied.size).to eq(8)
    end
  end

  describe "while a call for one user gives somebody else the same contact" do
    using_database :postgresql

    let(:sole) { sync_that { contact_missing set: {}, after: 1 } }

    # Lets the call for the other user end before the user is saved.
    def link_meanwhile(user, other)
      call = -> { job { sole.call(only: User.find(other.id)) }.join }
      stub_const("User", Class.new(User))
      User.before_save(prepend: true) { call.call if id == user.id }
    end

    [18, 15].each do |size|
      it "gives it to one of them, where it was stored in #{size} characters" do
        ann = contact("bob@b.edu")
        user = linked_user(ann.merge("Id" => ann["Id"].first(size)))
        salesforce_has contact("x@b.edu")
        run = sole.call(allow: { linked: 0, contacts: 0 })
        salesforce.replace("Contact", [ann, *salesforce.records("Contact")])
        bob = create_user(email: "bob@b.edu")
        link_meanwhile(user, bob)
        expect(run.undo!.status).to eq(:applied)
        expect([user, bob].map { |one| one.reload.salesforce_contact_id }).to eq([ann["Id"].first(size), nil])
      end
    end
  end

  describe "of a record that cannot be saved" do
    using_database :sqlite

    it "is an error of that record; the others go on" do
      users = newcomers("ann", "bob")
      run = sync
      spoil(users.first)
      undone = run.undo!
      expect([undone.status, undone.errors.map(&:key)]).to eq([:partial, [users.first.id]])
      expect(users.map { |user| user.reload.salesforce_contact_id.nil? }).to eq([false, true])
      expect(undone.ledger[:changes].buckets).to include(applied: 1, failed: 1)
    end
  end
end
