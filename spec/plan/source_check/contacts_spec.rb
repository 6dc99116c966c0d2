# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"
require "support/linked_teachers"

# Source checks and budgets: what a run refuses, whom it tells, and how one goes on.
RSpec.describe "what a run refuses" do
  include ContactSyncWorld
  include LinkedTeachers

  def unlinked
    User.where(salesforce_contact_id: nil).count
  end

  on_each_database do
    it "blocks when Salesforce returns nothing, and writes no row" do
      linked_teachers(12)
      salesforce_has
      before = all_rows
      run = sync
      expect(run.status).to eq(:blocked)
      expect(all_rows).to eq(before)
      expect(run.refusals.map(&:to_s)).to include(/contacts came back empty.*Info\.call\(allow: { contacts: 0 }/)
    end

    it "blocks when nothing comes on the very first run, because users are linked" do
      create_user(salesforce_contact_id: salesforce_id("003"))
      salesforce_has
      expect(sync.status).to eq(:blocked)
    end

    it "blocks when under half of last time's contacts come, and goes on with half" do
      contacts = linked_teachers(20)
      salesforce_has(*contacts.first(9))
      expect(sync.status).to eq(:blocked)
      expect(unlinked).to eq(0)
      salesforce_has(*contacts.first(10))
      expect(sync.status).to eq(:held)
    end

    [[200, 20], [20, 6]].each do |size, gone|
      it "holds the unlinks when #{gone} of #{size} contacts are gone, and applies the rest" do
        contacts = linked_teachers(size)
        newcomer = create_user(email: "new@b.edu")
        salesforce_has(*contacts.drop(gone), contact("new@b.edu"))
        run = sync
        expect(run.status).to eq(:held)
        expect(run.held.map(&:action)).to eq([:unlink] * gone)
        expect(newcomer.reload.salesforce_contact_id).to be_present
        expect(unlinked).to eq(0)
        expect(run.refusals.join).to include("Info.call(allow: { unlink: #{gone}, demote: #{gone} })")

        allowed = sync(allow: { unlink: gone, demote: gone })
        expect(allowed.status).to eq(:applied)
        expect(unlinked).to eq(gone)
      end
    end

    [[200, 4], [20, 2]].each do |size, gone|
      it "applies the unlinks when #{gone} of #{size} contacts are gone" do
        contacts = linked_teachers(size)
        salesforce_has(*contacts.drop(gone))
        expect(sync.status).to eq(:applied)
        expect(unlinked).to eq(gone)
      end
    end
  end

  context "with one database" do
    using_database :sqlite

    # Users who say something in a text column that a contact's blank title takes away.
    def teachers_with_names(count, &declaration) # rubocop:disable Naming/BlockForwarding -- Ruby 3.3.0 forbids it
      contacts = Array.new(count) { |n| contact("teacher#{n}@b.edu") }
      contacts.each_with_index { |row, n| linked_user(row, email: "teacher#{n}@b.edu", first_name: "Teacher #{n}") }
      salesforce_has(*contacts)
      sync_that(&declaration) # rubocop:disable Naming/BlockForwarding
    end

    [nil, "", " \u00a0"].each do |blank|
      it "holds what would become #{blank.inspect} in many records, also from a file" do
        renaming = teachers_with_names(8) { attribute :first_name, from: "Title", map: { nil => blank } }
        renaming.plan.save(path = File.join(scratch, "sync.plan"))
        runs = [renaming.plan, CrmSync::Plan.load(path)].map(&:apply)
        expect(runs.map { |run| [run.status, run.held.map(&:budgets).uniq] }).to eq([[:held, [[:clear]]]] * 2)
        expect(runs.map { |run| run.refusals.join }.uniq).to match([/8 changes of the kind clear \(at most 5 of 8\)/])
      end
    end

    it "counts nothing as cleared where nothing stood" do
      renaming = teachers_with_names(8) { attribute :first_name, from: "Title", map: { nil => "" } }
      User.update_all(first_name: nil)
      expect(renaming.plan.changes.map(&:budgets).uniq).to eq([[]])
    end

    it "blocks when the privileged field turned blank everywhere" do
      contacts = linked_teachers(10)
      salesforce_has(*contacts.map { |row| row.merge("Faculty_Verified__c" => nil) })
      run = sync
      expect(run.status).to eq(:blocked)
      expect(run.refusals.join).to include("none of the 10 contacts has Faculty_Verified__c")
    end

    it "blocks when a field of which only false is privileged turned blank everywhere" do
      contacts = linked_teachers(10).map { |row| row.merge("Kip__c" => false) }
      salesforce_has(*contacts)
      keeping = sync_that { attribute :is_kip, from: "Kip__c", privileged: false }
      expect(keeping.call.status).to eq(:applied)
      salesforce_has(*contacts.map { |row| row.merge("Kip__c" => nil) })
      expect(keeping.call.refusals.join).to include("none of the 10 contacts has Kip__c")
    end

    it "blocks when no user has a trusted address any more" do
      linked_teachers(10)
      create_user(email: "waiting@b.edu", faculty_status: :pending_faculty)
      ContactInfo.update_all(verified: false)
      expect(sync.status).to eq(:blocked)
      expect(User.pending_faculty.count).to eq(1)
    end

    it "blocks when one field of addresses turned blank everywhere, though another has some" do
      contacts = linked_teachers(10)
      salesforce_has(*contacts.map { |row| row.merge("Email" => nil, "Email_alt__c" => row["Email"]) })
      expect(sync.refusals.join).to include("none of the 10 contacts has Email;")
    end

    it "blocks when the addresses turned blank everywhere" do
      contacts = linked_teachers(10)
      salesforce_has(*contacts.map { |row| row.merge("Email" => " ") })
      expect(sync.status).to eq(:blocked)
    end

    it "goes on when somebody says that the source is right" do
      contacts = linked_teachers(20)
      salesforce_has(*contacts.first(9))
      run = sync(allow: { contacts: 9, unlink: 11, demote: 11 })
      expect(run.status).to eq(:applied)
      expect(sync.status).to eq(:unchanged)
    end

    it "does not take a smaller source for right than the one that was allowed" do
      contacts = linked_teachers(20)
      salesforce_has(*contacts.first(8))
      expect(sync(allow: { contacts: 9 }).status).to eq(:blocked)
    end

    # An org in whose place stands another one, or the same one made anew: the same people, under other ids.
    def swapped(contacts)
      contacts.map { |row| row.merge("Id" => salesforce_id("003")) }
    end

    it "blocks when under half of the contacts come that users are linked to, though there are as many as ever" do
      contacts = linked_teachers(10)
      salesforce_has(*swapped(contacts.first(6)), *contacts.last(4))
      run = sync
      expect([run.status, User.distinct.pluck(:salesforce_contact_id)])
        .to match([:blocked, match_array(contacts.map { |row| row["Id"] })])
      expect(run.refusals.join).to include(
        "of the 10 contacts that users are linked to, only 4 came", "Info.call(allow: { linked: 4 })"
      )
      expect(sync(allow: { linked: 4 }).status).to eq(:held)
      expect(sync(allow: { linked: 4, relink: 6 }).applied.map(&:action)).to eq([:relink] * 6)
    end

    it "asks for them from five linked users on" do
      salesforce_has(*swapped(linked_teachers(4)))
      expect(sync.applied.map(&:action)).to eq([:relink] * 4)
    end

    it "takes contacts that were merged for ones that came" do
      contacts = linked_teachers(10)
      winners = Array.new(6) { |n| contact("winner#{n}@b.edu", faculty: "Confirmed") }
      merged = contacts.first(6).zip(winners).map do |row, winner|
        row.merge("IsDeleted" => true, "MasterRecordId" => winner["Id"])
      end
      salesforce_has(*merged, *winners, *contacts.last(4))
      run = sync
      expect([run.status, run.held.map(&:budgets).uniq]).to eq([:held, [[:relink]]])
    end

    it "holds relinks beyond their budget" do
      contacts = linked_teachers(20)
      salesforce_has(*swapped(contacts.first(6)), *contacts.drop(6))
      run = sync
      expect([run.status, run.held.map(&:action)]).to eq([:held, [:relink] * 6])
      expect(run.refusals.join).to include("6 changes of the kind relink (at most 5 of 20)")
    end

    it "holds linked users who gain a privileged value, beyond 20 % of them and 20" do
      contacts = Array.new(120) { |n| contact("u#{n}@b.edu", faculty: "Pending") }
      create_users(120) { |n| { salesforce_contact_id: contacts[n]["Id"], faculty_status: :pending_faculty } }
      promoted = lambda do |count|
        contacts.first(count).map { |row| row.merge("Faculty_Verified__c" => "Confirmed") } + contacts.drop(count)
      end
      salesforce_has(*promoted[25])
      run = sync(allow: { clear: 120, effects: 120 })
      expect(run.refusals.join).to include("25 changes of the kind promote (at most 24 of 120)")
      salesforce_has(*promoted[24])
      expect(sync(allow: { clear: 120, effects: 120 }).status).to eq(:applied)
    end

    it "lets those gain it who are linked anew" do
      salesforce_has(*Array.new(25) { |n| contact("new#{n}@b.edu", faculty: "Confirmed") })
      create_users(25) { |n| { email: "new#{n}@b.edu" } }
      expect(sync(allow: { effects: 25 }).applied.map(&:action)).to eq([:link] * 25)
    end

    it "counts demotions by meaning, also where nobody is unlinked" do
      contacts = linked_teachers(20)
      changed = contacts.each_with_index.map { |row, n| n < 6 ? row.merge("Faculty_Verified__c" => "Pending") : row }
      salesforce_has(*changed)
      run = sync
      expect(run.held.flat_map(&:budgets).tally).to eq(demote: 6)
      expect(User.confirmed_faculty.count).to eq(20)
    end

    it "has the declaration's own budgets" do
      contacts = linked_teachers(20)
      salesforce_has(*contacts.each_with_index.map do |row, n|
                       n < 6 ? row.merge("Faculty_Verified__c" => "Rejected") : row
                     end)
      expect(sync.held.flat_map(&:budgets).tally).to eq(demote: 6, reject: 6)
    end

    # People who become teachers, of whom Salesforce is told.
    def newcomers(size)
      linked_teachers(size)
      create_users(size) { |n| { email: "new#{n}@b.edu" } }
      confirmed = Array.new(size) { |n| contact("new#{n}@b.edu", faculty: "Confirmed") }
      salesforce_has(*salesforce.records("Contact"), *confirmed)
    end

    it "holds changes of which Salesforce would send mail, with their effects, and does all else" do
      newcomers(6)
      pending = create_user(email: "pending@b.edu")
      salesforce_has(*salesforce.records("Contact"), contact("pending@b.edu", faculty: "Pending"))
      run = sync
      expect(run.held.map(&:budgets)).to eq([[:effects]] * 6)
      expect(actions(run.applied)).to eq(pending => :link)
      expect([verification_mails, User.confirmed_faculty.count]).to eq([[], 6])
      expect(run.refusals.join).to include("6 changes of the kind effects (at most 5 of 13)", "allow: { effects: 6 }")
      expect(sync(allow: { effects: 6 }).status).to eq(:applied)
      expect(verification_mails.size).to eq(6)
    end

    it "counts no effects where Salesforce is told nothing" do
      create_users(6) { |n| { email: "new#{n}@b.edu" } }
      salesforce_has(*Array.new(6) { |n| contact("new#{n}@b.edu", faculty: "Confirmed") })
      sync = sync_that do
        attribute :faculty_status, from: "Faculty_Verified__c", map: { "Confirmed" => :confirmed_faculty }
      end
      expect(sync.call.status).to eq(:applied)
    end

    context "when a budget blocks" do
      def blocking_sync(policies)
        sync_that do
          attribute :faculty_status, from: "Faculty_Verified__c", privileged: :confirmed_faculty,
                                     map: { "Confirmed" => :confirmed_faculty, "Rejected" => :rejected_faculty }
          budget :reject, faculty_status: :rejected_faculty
          policies.each { |budget, policy| over_budget budget, policy }
        end
      end

      def reject_six
        contacts = linked_teachers(20)
        contacts.first(6).each { |row| row["Faculty_Verified__c"] = "Rejected" }
        create_user(email: "new@b.edu")
        salesforce_has(*contacts, contact("new@b.edu"))
      end

      [{ demote: :block }, { all: :block }, { reject: :block, demote: :hold }].each do |policies|
        it "writes nothing at all, with #{policies}" do
          reject_six
          sync = blocking_sync(policies)
          before = all_rows
          plan = sync.plan
          run = plan.apply
          expect([plan.blocked?, run.status, run.applied]).to eq([true, :blocked, []])
          expect(all_rows).to eq(before)
          expect(run.refusals.map(&:to_s))
            .to match([/\Ablocked, nothing was written: 6 changes of the kind demote/,
                       /\Ablocked, nothing was written: .* reject .*demote: 6, reject: 6 }/])
          expect(run.ledger[:changes].buckets).to include(blocked: 7)
          expect(sync.call(allow: { demote: 6, reject: 6 }).status).to eq(:applied)
        end
      end

      [{ unlink: :block }, { all: :block, demote: :hold, reject: :hold }].each do |policies|
        it "holds what need not block, with #{policies}" do
          reject_six
          run = blocking_sync(policies).call
          expect([run.status, run.held.size, run.applied.map(&:action)]).to eq([:held, 6, [:link]])
        end
      end
    end

    it "names the first ten and how many more" do
      contacts = linked_teachers(30)
      salesforce_has(*contacts.drop(13))
      expect(sync.refusals.join).to match(/They concern (\d+, ){9}\d+ and 3 more/)
    end

    it "raises with call!, and tells the run" do
      linked_teachers(12)
      salesforce_has
      expect { UpdateUserSalesforceInfo.call! }.to raise_error(CrmSync::BudgetExceeded, /allow/) { |error|
        expect(error.run.status).to eq(:blocked)
      }
    end

    it "does not know any other allowance" do
      salesforce_has
      expect { sync(allow: { everything: 1 }) }.to raise_error(ArgumentError, /no :everything; there are .*:unlink/)
    end
  end
end
