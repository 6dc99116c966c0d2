# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# Records that are saved through the model, up to a hundred in one transaction.
RSpec.describe "a batch of write :records" do
  include ContactSyncWorld

  before { stub_const("CrmSync::Contacts::RecordBatch::HELD", 60) }

  # A sync whose hook does more, for one record or for each; what hooks and callbacks did is in @seen.
  def batch_sync(model = User, **options, &hook)
    @seen = seen = []
    stub_const("Batched", Class.new(model))
    Batched.has_many :contact_infos, foreign_key: :user_id
    stub_const("BatchSync", Class.new(CrmSync::ContactSync)).tap do |sync|
      sync.contacts "Contact"
      sync.model "Batched", foreign_key: :salesforce_contact_id
      sync.match_by(:contact_infos, column: :value, to: %w[Email]) { trust :verified }
      sync.attribute :faculty_status, from: "Faculty_Verified__c",
                                      map: { "Confirmed" => :confirmed_faculty, nil => :no_faculty_info }
      sync.write :records, **options
      sync.after_transition :faculty_status, to: :confirmed_faculty do |user, change|
        seen << user.id
        SecurityLog.create!(user_id: user.id, event_type: :faculty_verified, event_data: change.audit)
        hook&.call(user)
      end
      sync.write_back "Fax", with: :uuid, on: { faculty_status: :confirmed_faculty }
    end
  end

  # Users who fit to contacts, none of them linked.
  def teachers(count)
    salesforce_has(*Array.new(count) { |n| contact("teacher#{n}@b.edu", faculty: "Confirmed") })
    User.find(create_users(count) { |n| { email: "teacher#{n}@b.edu" } })
  end

  # The keys of the records that are linked, have a log entry, a row in the history, and a write-back.
  def books(run)
    [User.where.not(salesforce_contact_id: nil).order(:id).ids, SecurityLog.order(:user_id).pluck(:user_id),
     CrmSync::ChangeRow.where(run_id: run.id).pluck(:record_key).map(&:to_i).sort,
     User.where(uuid: salesforce.records("Contact").map { |record| record["Fax"] }).order(:id).ids].uniq
  end

  def call(sync)
    sync.plan.apply(allow: { effects: 999 })
  end

  def errors(run)
    run.errors.map { |error| [error.key, error.exception] }
  end

  # The statements that the block sends.
  def statements(pattern, &)
    found = []
    listen = ->(*, payload) { found << payload[:sql] if payload[:sql].match?(pattern) }
    ActiveSupport::Notifications.subscribed(listen, "sql.active_record", &)
    found
  end

  on_each_database do |database|
    it "holds a hundred, of which one that cannot be saved takes nothing with it" do
      users = teachers(100)
      spoil(users[41])
      run = nil
      sync = batch_sync
      plan = sync.plan
      inserts = statements(/\AINSERT INTO "crm_sync_(changes|outbox)"/) { run = plan.apply(allow: { effects: 999 }) }
      others = users.map(&:id) - [users[41].id]
      expect(errors(run)).to eq([[users[41].id, "ActiveRecord::RecordInvalid"]])
      expect([run.applied.map(&:key), @seen, books(run)]).to eq([others, others, [others]])
      expect(inserts.size).to eq(2)
    end

    it "takes back a record whose hook raises, and goes on; no hook runs twice" do
      users = teachers(5)
      run = call(batch_sync { |user| raise "not this one" if user.id == users[2].id })
      others = users.map(&:id) - [users[2].id]
      expect(run.errors.map(&:to_a)).to eq([[users[2].id, "RuntimeError", "not this one"]])
      expect([@seen, books(run)]).to eq([users.map(&:id), [others]])
    end

    it "ends when its time is over, and the next one goes on" do
      users = teachers(3)
      stub_const("CrmSync::Contacts::RecordBatch::HELD", 0)
      plan = batch_sync.plan
      run = nil
      inserts = statements(/\AINSERT INTO "crm_sync_changes"/) { run = plan.apply(allow: { effects: 999 }) }
      expect([inserts.size, run.applied.map(&:key), books(run)]).to eq([3, users.map(&:id), [users.map(&:id)]])
    end

    it "locks about as many as the one before had time for" do
      users = teachers(12)
      stub_const("CrmSync::Contacts::RecordBatch::HELD", 0)
      plan = batch_sync.plan
      run = nil
      listed = /\ASELECT "users"\."id" FROM "users" WHERE \("users"\."id" IN \((.*?)\)\)/
      sent = statements(listed) { run = plan.apply(allow: { effects: 999 }) }
      locked = sent.sum { |sql| sql[listed, 1].split(",").size }
      expect([locked, books(run)]).to match([be_between(12, 35), [users.map(&:id)]])
    end

    { 1 => 5, 2 => 3, 5 => 1 }.each do |batch, transactions|
      it "is as large as is declared: #{batch}" do
        users = teachers(5)
        plan = batch_sync(batch:).plan
        run = nil
        inserts = statements(/\AINSERT INTO "crm_sync_changes"/) { run = plan.apply(allow: { effects: 999 }) }
        expect([inserts.size, books(run)]).to eq([transactions, [users.map(&:id)]])
      end
    end

    it "gives one contact to the first of two who want it" do
      users = teachers(3)
      users[2].contact_infos.update_all(value: "Teacher0@b.edu")
      sync = batch_sync
      sharing = stub_const("BatchSync", Class.new(sync) { shared_contact :link })
      sharing.plan.save(path = File.join(scratch, "sync.plan"))
      stub_const("BatchSync", Class.new(sync) { shared_contact :hold })
      run = CrmSync::Plan.load(path).apply(allow: { effects: 999 })
      expect(run.stale.transform_keys(&:key)).to eq(users[2].id => "the contact is another's by now")
      expect([run.applied.map(&:key), books(run)]).to eq([users.first(2).map(&:id), [users.first(2).map(&:id)]])
    end

    it "asks for addresses, and for the first rows, once for all; then for a row and the next one together" do
      sync = batch_sync
      sync.write_back "Title", with: :guessed_preferred_confirmed_email, on: { faculty_status: :confirmed_faculty }
      users = teachers(12)
      plan = sync.plan
      asked = statements(/\ASELECT/) { plan.apply(allow: { effects: 999 }) }
      rows, addresses = %w[crm_sync_there contact_infos].map { |name| asked.grep(/#{name}/).size }
      expect([rows, addresses]).to match([1 + users.size - 1, be < 8])
      titles = salesforce.records("Contact").map { |record| record["Title"] }
      expect(titles).to match_array(ContactInfo.where(user_id: users).pluck(:value))
    end

    it "runs a hook twice for the first record that has other values afterwards than were written" do
      users = teachers(4)
      run = call(batch_sync { |user| User.where(id: user.id).update_all(faculty_status: :pending_faculty) })
      ids = users.map(&:id)
      expect([@seen, run.applied.map(&:key), SecurityLog.order(:user_id).pluck(:user_id)])
        .to eq([[ids.first, *ids], ids, ids])
      expect(User.where(id: ids).pluck(:faculty_status).uniq).to eq(["pending_faculty"])
    end

    it "asks before the hooks where triggers may have rewritten a record, which one that fails could not tell" do
      users = teachers(3)
      trigger = ["CREATE TRIGGER upper AFTER UPDATE ON users FOR EACH ROW",
                 { sqlite: "BEGIN UPDATE users SET last_name = 'X', faculty_status = 0 WHERE id = NEW.id; END",
                   postgresql: "WHEN (NEW.faculty_status = 2) EXECUTE PROCEDURE put_back()" }[database]].join(" ")
      User.connection.execute(<<~SQL) if database == :postgresql
        CREATE OR REPLACE FUNCTION put_back() RETURNS trigger AS $$
        BEGIN UPDATE users SET faculty_status = 0 WHERE id = NEW.id; RETURN NULL; END $$ LANGUAGE plpgsql
      SQL
      User.connection.execute(trigger)
      run = call(batch_sync { raise "no hook was to run" })
      expect([@seen, run.errors, run.issues.map(&:kind)]).to eq([[], [], [:put_back]])
      expect(User.where(id: users).where.not(salesforce_contact_id: nil).count).to eq(3)
    ensure
      User.connection.execute("DROP TRIGGER IF EXISTS upper#{" ON users" if database == :postgresql}")
    end

    it "does not take for the failure of a hook what a callback has put back" do
      users = teachers(3)
      sync = batch_sync { |user| raise "not stored" unless User.find(user.id).confirmed_faculty? }
      Batched.after_save { User.where(id:).update_all(faculty_status: :no_faculty_info) }
      run = call(sync)
      expect([@seen, run.errors, run.issues.map(&:kind)]).to eq([[users.first.id], [], [:put_back]])
      expect(User.where(id: users).where.not(salesforce_contact_id: nil).count).to eq(3)
    end

    it "runs a hook twice that fails by a statement, after which nothing can be looked at" do
      users = teachers(3)
      run = call(batch_sync { |user| User.connection.execute("SELECT nothing") if user.id == users.first.id })
      expect([errors(run), run.applied.map(&:key)])
        .to eq([[[users.first.id, "ActiveRecord::StatementInvalid"]], users.drop(1).map(&:id)])
    end

    it "writes back what the addresses say when the batch has been written, whoever wrote to them" do
      users = teachers(3)
      users.each { |user| ContactInfo.create!(user_id: user.id, value: "second#{user.id}@b.edu", type: "EmailAddress") }
      deeds = { users[0].id => :delete_all.to_proc, users[1].id => ->(rows) { rows.update_all(value: "new@b.edu") } }
      sync = batch_sync { |user| deeds[user.id]&.call(ContactInfo.where(user_id: user.id, verified: false)) }
      Batched.define_method(:second_address) { contact_infos.reject(&:verified).first&.value }
      sync.write_back "Title", with: :second_address, on: { faculty_status: :confirmed_faculty }
      issues = call(sync).issues
      titles = salesforce.records("Contact").filter_map { |record| record["Title"] }
      expect([titles.sort, issues]).to eq([["new@b.edu", "second#{users[2].id}@b.edu"], []])
    end

    it "takes back what a hook has done to the next record, together with its own" do
      users = teachers(3)
      run = call(batch_sync do |user|
        next unless user.id == users[0].id

        users[1].update_columns(faculty_status: :rejected_faculty)
        raise "not this one"
      end)
      expect(errors(run)).to eq([[users[0].id, "RuntimeError"]])
      expect([run.stale, run.applied.map(&:key)]).to eq([{}, users.drop(1).map(&:id)])
    end

    describe "with a hook that" do
      let(:users) { teachers(4) }
      let(:ids) { users.map(&:id) }

      # The hook of the first one does this to the third one.
      def run_with(&deed)
        first, _, third, = users
        call(batch_sync { |user| deed.call(third) if user.id == first.id })
      end

      it "changes what is to be written to a later one, leaves that one stale" do
        run = run_with { |later| later.update_columns(faculty_status: :rejected_faculty) }
        expect(run.stale.transform_keys(&:key)).to eq(ids[2] => "faculty_status has changed")
        expect(users[2].reload.faculty_status).to eq("rejected_faculty")
        expect([@seen, books(run)]).to eq([ids - [ids[2]], [ids - [ids[2]]]])
      end

      it "changes something else of a later one, is not written over" do
        run = run_with { |later| later.update!(last_name: "Lee", first_name: "Ann") }
        expect([run.applied.map(&:key), users[2].reload.last_name, @seen]).to eq([ids, "Lee", ids])
      end

      it "deletes a later one, leaves that one stale" do
        run = run_with(&:destroy!)
        expect(run.stale.transform_keys(&:key)).to eq(ids[2] => "it is gone")
        expect(run.applied.map(&:key)).to eq(ids - [ids[2]])
      end

      it "takes a later one's address away, leaves that one stale" do
        run = run_with { |later| later.contact_infos.update_all(verified: false) }
        expect(run.stale.transform_keys(&:key)).to eq(ids[2] => "its address is no longer trusted")
        expect(books(run)).to eq([ids - [ids[2]]])
      end

      it "gives a later one's contact to somebody else, leaves that one stale" do
        bystander = create_user
        wanted = nil
        users
        salesforce.records("Contact").each { |one| wanted = one["Id"] if one["Email"] == "teacher2@b.edu" }
        run = run_with { bystander.update_columns(salesforce_contact_id: wanted) }
        expect(run.stale.transform_keys(&:key)).to eq(ids[2] => "the contact is another's by now")
        expect(run.applied.map(&:key)).to eq(ids - [ids[2]])
      end
    end

    describe "with callbacks that fail after the commit" do
      it "runs those of all others, and tells of each error" do
        users = teachers(4)
        committed = []
        sync = batch_sync
        Batched.after_commit do
          committed << id
          raise "too late for #{id}" if users.first(2).map(&:id).include?(id)
        end
        run = call(sync)
        expect(committed).to match_array(users.map(&:id))
        expect(run.errors.map(&:to_a))
          .to match_array(users.first(2).map { |user| [nil, "RuntimeError", "too late for #{user.id}"] })
        expect([run.applied.map(&:key), books(run)]).to eq([users.map(&:id), [users.map(&:id)]])
      end

      it "runs them also where a record of the host's own fails" do
        users = teachers(3)
        committed = []
        stub_const("Entry", Class.new(ContactInfo) { self.inheritance_column = nil })
        Entry.after_commit { raise "too late" }
        sync = batch_sync { |user| Entry.create!(user_id: user.id, value: "x#{user.id}@b.edu", type: "Entry") }
        Batched.after_commit { committed << id }
        run = call(sync)
        expect([committed.sort, run.errors.map(&:message)]).to eq([users.map(&:id), ["too late"] * 3])
      end

      it "ends where a deadline of the host's is over" do
        users = teachers(3)
        sync = batch_sync
        Batched.after_commit { raise Timeout::Error, "enough" if id == users[0].id }
        plan = sync.plan
        expect { plan.apply(allow: { effects: 999 }) }.to raise_error(Timeout::Error, "enough")
      end

      it "leaves them to a transaction of the host's" do
        users = teachers(2)
        sync = batch_sync
        Batched.after_commit { raise "too late" if id == users[0].id }
        plan = sync.plan
        run = nil
        expect { User.transaction { run = plan.apply(allow: { effects: 999 }) } }.to raise_error("too late")
        expect(run.errors).to eq([])
      end
    end

    next unless database == :postgresql

    it "is written one by one where a constraint is checked only at the commit" do
      execute = ->(sql) { User.connection.execute(sql) }
      execute.call("ALTER TABLE security_logs ADD CONSTRAINT once UNIQUE (user_id) DEFERRABLE INITIALLY DEFERRED")
      users = teachers(4)
      SecurityLog.insert!({ user_id: users[1].id, event_type: 1, created_at: Time.current })
      run = call(batch_sync)
      others = users.map(&:id) - [users[1].id]
      expect(errors(run)).to eq([[users[1].id, "ActiveRecord::RecordNotUnique"]])
      expect(run.applied.map(&:key)).to eq(others).and eq(User.where.not(salesforce_contact_id: nil).order(:id).ids)
      expect(CrmSync::ChangeRow.where(run_id: run.id).pluck(:record_key).map(&:to_i)).to eq(others)
    ensure
      execute.call("ALTER TABLE security_logs DROP CONSTRAINT once")
    end
  end
end
