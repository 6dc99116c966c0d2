# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# A sync for one user at once: for a sign-up, or somebody at the support desk, beside a run that may be under way.
RSpec.describe "a contact sync with only: a record" do
  include ContactSyncWorld

  let(:ann) { contact("ann@b.edu", faculty: "Confirmed") }

  # A sync whose hook does more.
  def hooked_sync(&)
    sync_that("HookedSync") do
      write :records, batch: 1 # so that the rows of others are not locked meanwhile
      attribute :faculty_status, from: "Faculty_Verified__c",
                                 map: { "Confirmed" => :confirmed_faculty, nil => :no_faculty_info }
      after_link(&)
      write_back "Fax", with: :uuid, on: { faculty_status: :confirmed_faculty }
    end
  end

  # Runs the block within a run for everybody, in the transaction of its first link.
  def within_a_run(other = "HookedSync", &block)
    left = [block]
    sync = hooked_sync { |user, _| left.pop&.call(user) }
    stub_const(other, sync)
    sync.call
  end

  def elsewhere(&)
    Thread.new { ActiveRecord::Base.connection_pool.with_connection(&) }.value
  end

  on_each_database do |_kind|
    it "asks for that user only, in three requests" do
      user = create_user(email: "ann@b.edu")
      create_user(email: "bob@b.edu")
      salesforce_has ann, contact("bob@b.edu", faculty: "Confirmed")
      run = sync(only: user)
      expect(actions(run.applied)).to eq(user => :link)
      # Contacts and leads are asked for beside each other.
      *beside, merged = queries
      expect(beside).to contain_exactly(
        /FROM Contact WHERE .*Email IN \('ann@b.edu'\) OR Email_alt__c IN \('ann@b.edu'\)/,
        /FROM Lead WHERE .*\(Email IN \('ann@b.edu'\)\)/
      )
      expect(merged).to match(/\ASELECT Id FROM Contact WHERE .*IsDeleted = true AND MasterRecordId IN/)
    end

    it "asks once more where the contact has an address that may be somebody else's" do
      user = create_user(email: "ann@b.edu")
      salesforce_has contact("ann@b.edu", "shared@b.edu"), contact("shared@b.edu")
      run = sync(only: user)
      expect([run.status, run.issues.map(&:kind)]).to eq([:unchanged, %i[contested_address held_user]])
      expect(queries("Contact").grep(/Email IN/).size).to eq(2)
    end

    it "asks for a linked user in two requests" do
      user = linked_user(ann, email: "ann@b.edu")
      salesforce_has ann
      expect { sync(only: user) }.to change { queries.size }.by(2)
    end

    it "finds a linked user by the contact's id, and one whose contact was merged" do
      bob = contact("bob@b.edu", faculty: "Confirmed")
      gone = contact.merge("IsDeleted" => true, "MasterRecordId" => ann["Id"])
      users = [linked_user(bob), linked_user(gone)]
      salesforce_has bob, ann, gone
      expect(users.map { |user| sync(only: user).applied.map(&:action) }).to eq([%i[update], %i[relink]])
      expect(users.map { |user| user.reload.salesforce_contact_id }).to eq([bob["Id"], ann["Id"]])
    end

    it "counts budgets over everybody, and asks how many they are only where that matters" do
      users = create_users(140) { |n| { email: "u#{n}@b.edu", salesforce_contact_id: contact["Id"] } }
      gone = User.find(users.first(8)).map do |user|
        { "Id" => user.salesforce_contact_id, "IsDeleted" => true, "Email" => nil }
      end
      salesforce_has(*gone)
      counted = []
      listen = ->(*, payload) { counted << payload[:sql] if payload[:sql].match?(/\ASELECT COUNT\(\*\) FROM "users"/) }
      runs = ActiveSupport::Notifications.subscribed(listen, "sql.active_record") do
        User.find(users.first(8)).map { |user| sync(only: user) }
      end
      expect(runs.map(&:status)).to eq(([:applied] * 6) + ([:held] * 2))
      expect(runs.last.refusals.map(&:to_s)).to match([/at most 6 of 134/])
      expect(counted.size).to be <= 3 * 3
    end

    it "sends the write-backs of the user's contact, and leaves those of others to a run" do
      salesforce_has ann, bob = contact("bob@b.edu", faculty: "Confirmed")
      CrmSync::OutboxRow.create!(sync: "UpdateUserSalesforceInfo", host: CrmSync::Salesforce.settings.host,
                                 object: "Contact", record_id: bob["Id"], fields: JSON.generate("Fax" => "1"))
      sync(only: create_user(email: "ann@b.edu"))
      expect(verification_mails.map(&:first)).to eq([ann["Id"]])
      expect(CrmSync::OutboxRow.pluck(:record_id)).to eq([bob["Id"]])
      sync
      expect(CrmSync::OutboxRow.count).to eq(0)
    end

    it "refuses a record of another model, and one that is not saved" do
      salesforce_has
      expect { sync(only: SecurityLog.new) }.to raise_error(ArgumentError, /this sync is about User/)
      %i[explain thaw].each do |name|
        expect { UpdateUserSalesforceInfo.public_send(name, User.new) }.to raise_error(ArgumentError, /is not saved/)
      end
      expect { sync(only: User.new) }.to raise_error(ArgumentError, /the User is not saved; save it first/)
    end

    it "takes a nil for a search that has found nobody, and not for everybody" do
      salesforce_has ann = contact("ann@b.edu")
      user = create_user(email: ann["Email"])
      %i[plan call].each do |name|
        expect { UpdateUserSalesforceInfo.public_send(name, only: User.find_by(id: 0)) }
          .to raise_error(ArgumentError, /only: is nil; .* or leave it out to sync everybody/)
      end
      expect(user.reload.salesforce_contact_id).to be_nil
      expect(sync(only: :everybody).applied.map(&:key)).to eq([user.id])
    end

    it "names itself too much where hundreds share what it would ask for" do
      user = create_user(email: "shared@b.edu")
      salesforce_has(*Array.new(300) { |n| contact("shared@b.edu", "own#{n}@b.edu") })
      expect { sync(only: user) }.to raise_error(CrmSync::NeedsFullRun, /run the sync for everybody/)
      expect(UpdateUserSalesforceInfo.explain(user)).to include("rule 2: held")
    end

    it "does not ask for addresses that are nobody's" do
      user = create_user(email: "ann@b.edu")
      create_email(user, "None@none.com")
      salesforce_has ann, *Array.new(50) { contact("none@none.com") }
      syncing = sync_that { ignore_addresses "none@none.com" }
      expect(syncing.call(only: user).applied.map(&:contact_id)).to eq([ann["Id"]])
      expect(queries("Contact").grep(/none@none/i)).to eq([])
    end

    it "keeps nothing of what only a read of everything can tell" do
      user = linked_user(contact)
      salesforce_has ann
      states = -> { CrmSync::StateRow.where("name LIKE 'sources%' OR name LIKE 'missing%'").count }
      expect { sync(only: user) }.not_to change(&states)
    end

    it "is in the history, can be undone, and tells no events" do
      user = create_user(email: "ann@b.edu")
      salesforce_has ann
      told = []
      run = ActiveSupport::Notifications.subscribed(->(name, *) { told << name }, /crm_sync/) { sync(only: user) }
      expect([told, UpdateUserSalesforceInfo.runs.first.status.to_sym]).to eq([[], :applied])
      expect(UpdateUserSalesforceInfo.last_success).to be_nil
      run.undo!
      expect(user.reload.salesforce_contact_id).to be_nil
    end
  end

  context "on PostgreSQL" do
    using_database :postgresql

    it "does not wait for a run that is under way, which goes on, and sends what is written back itself" do
      others = Array.new(2) { |n| create_user(email: "u#{n}@b.edu") }
      user = create_user(email: "ann@b.edu")
      salesforce_has(*Array.new(2) { |n| contact("u#{n}@b.edu") }, ann)
      seen = nil
      run = within_a_run do
        seen = elsewhere { [HookedSync.call(only: user), HookedSync.runs.map(&:status), writes_to(salesforce).size] }
      end
      expect([seen[0].status, seen[1]]).to eq([:applied, %i[applied running]])
      expect(run.applied.map(&:key)).to eq(others.map(&:id))
      expect([seen[2], writes_to(salesforce).map(&:first)]).to eq([1, [ann["Id"]]])
      expect(HookedSync.runs.map(&:status)).to eq(%i[applied applied])
    end

    %i[records set_based].each do |way|
      it "leaves a contact to one of two who would get it at once, with #{way}" do
        first, second = Array.new(2) { create_user }
        salesforce_has ann
        open = Queue.new
        go = Queue.new
        sync = sync_that("RaceSync") do
          write way
          after_link { |user, _| [open.push(user.id), go.pop] if Thread.current[:slow] }
        end
        # Each has the address while it is planned for, and both have it in the end.
        plan, other = [first, second].map do |user|
          create_email(user, "ann@b.edu")
          sync.plan(only: user).tap { user.contact_infos.delete_all }
        end
        [first, second].each { |user| create_email(user, "ann@b.edu") }
        slow = Thread.new do
          Thread.current[:slow] = true
          ActiveRecord::Base.connection_pool.with_connection { plan.apply }
        end
        open.pop
        waiting = Thread.new { ActiveRecord::Base.connection_pool.with_connection { other.apply } }
        sleep 0.1
        go.push(true)
        runs = [slow, waiting].map(&:value)
        expect(User.where(salesforce_contact_id: ann["Id"]).count).to eq(1)
        expect(runs.map { |run| run.applied.size }).to eq([1, 0])
      end
    end
  end
end
