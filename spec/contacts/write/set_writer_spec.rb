# frozen_string_literal: true

require "rails_helper"
require "support/both_writers"

# Covers writing past the model, a thousand changes at a time.
RSpec.describe "write :set_based" do
  include BothWriters

  # A sync of faculty_status that is written in sets.
  def set_sync(name = "SetSync", model: "User", &more)
    stub_const(name, Class.new(CrmSync::ContactSync)).tap do |sync|
      sync.contacts "Contact"
      sync.model model, foreign_key: :salesforce_contact_id
      sync.match_by(:contact_infos, column: :value, to: %w[Email]) { trust :verified }
      sync.attribute :faculty_status, from: "Faculty_Verified__c",
                                      map: { "Confirmed" => :confirmed_faculty, nil => :no_faculty_info }
      sync.write :set_based
      sync.class_exec(&more) if more
    end
  end

  # Users who fit to contacts, none of them linked.
  def teachers(count, **columns)
    salesforce_has(*Array.new(count) { |n| contact("teacher#{n}@b.edu", faculty: "Confirmed") })
    User.find(create_users(count) { |n| { email: "teacher#{n}@b.edu", **columns } })
  end

  # The statements that the block sends, however Rails calls them.
  def statements(pattern)
    found = []
    listen = ActiveSupport::Notifications.subscribe("sql.active_record") { |*, payload| found << payload[:sql] }
    yield
    found.grep(pattern)
  ensure
    ActiveSupport::Notifications.unsubscribe(listen)
  end

  def linked
    User.where.not(salesforce_contact_id: nil).count
  end

  def temporary_tables
    ActiveRecord::Base.connection.select_values("SELECT relname FROM pg_class WHERE relpersistence = 't'")
  end

  context "with SQLite" do
    using_database :sqlite

    it "is refused on first use, and nothing is read" do
      salesforce_has
      problem = /\A#{__FILE__}:\d+: write :set_based needs PostgreSQL, and this is SQLite/
      expect { set_sync.plan }.to raise_error(CrmSync::ConfigurationError, problem)
      expect(salesforce.requests).to be_empty
    end
  end

  context "with a PostgreSQL that believes that there are hardly any records" do
    using_database :postgresql, fresh: true

    # Returns how often each part of the statement that writes a batch looked for something of one change.
    def loops(node)
      own = node["Subplan Name"] ? [node["Actual Loops"]] : []
      own + node.fetch("Plans", []).flat_map { |part| loops(part) }
    end

    it "looks for the values of each change once" do
      teachers(400)
      connection = ActiveRecord::Base.connection
      connection.execute("UPDATE pg_class SET reltuples = 1, relpages = 100 " \
                         "WHERE relname IN ('users', 'contact_infos')")
      plan = nil
      allow(connection).to receive(:exec_query).and_wrap_original do |original, sql, *rest|
        if sql.start_with?('UPDATE "users"')
          connection.transaction(requires_new: true) do
            plan = connection.select_value("EXPLAIN (ANALYZE, FORMAT JSON) #{sql}")
            raise ActiveRecord::Rollback
          end
        end
        original.call(sql, *rest)
      end
      expect(set_sync.call.applied.size).to eq(400)
      expect(loops(JSON.parse(plan).first["Plan"])).to eq([400])
    end
  end

  context "with PostgreSQL" do
    using_database :postgresql

    it "writes a batch with one statement, and what has to be sent with another" do
      stub_const("CrmSync::Contacts::SetWriter::BATCH", 1_000)
      teachers(1_100)
      sync = set_sync { write_back "Fax", with: :uuid, on: { faculty_status: :confirmed_faculty } }
      plan = sync.plan
      allow = { effects: 1_100 }
      User.transaction do
        expect(statements(/\AUPDATE "users"/) { expect(plan.apply(allow:).applied.size).to eq(1_100) }.size).to eq(2)
        expect(CrmSync::OutboxRow.count).to eq(1_100)
        raise ActiveRecord::Rollback
      end
      expect(statements(/\AINSERT INTO "crm_sync_outbox"/) { plan.apply(allow:) }.size).to eq(2)
      expect(salesforce.records("Contact").map { |contact| contact["Fax"] }).to match_array(User.pluck(:uuid))
      expect(sync.call.status).to eq(:unchanged)
    end

    it "hides no table of the history from a scope of the host's" do
      users = teachers(2)
      past = { run_id: 1, sync: "SetSync", action: "undo", outcome: "applied", before: "{}", after: "{}", reason: "",
               budgets: "[]", created_at: Time.current }
      stub_const("Settled", Class.new(User))
      Settled.has_many :contact_infos, foreign_key: :user_id
      Settled.scope :untouched, -> { where.not("users.id::text IN (SELECT record_key FROM crm_sync_changes)") }
      plan = set_sync(model: "Settled") { link_when :untouched }.plan
      CrmSync::ChangeRow.insert({ **past, record_key: users[0].id.to_s })
      run = plan.apply
      expect([run.errors, run.stale.values]).to eq([[], ["it is no longer untouched"]])
      expect(run.applied.map(&:key)).to eq([users[1].id])
    end

    it "takes more rows and columns than a statement has parameters" do
      stub_const("CrmSync::Contacts::SetTable::PARAMETERS", 60)
      allow(CrmSync::Database::Copy).to receive(:through) # as with another driver
      teachers(9)
      expect(statements(/\AINSERT INTO pg_temp/) { set_sync.call }.size).to eq(3)
      expect(linked).to eq(9)
    end

    it "runs no callbacks, and hands the changes to after_batch, in the same transaction" do
      users = teachers(3)
      times = { created_at: Time.current, updated_at: Time.current }
      users.each { |user| ApplicationUser.insert({ application_id: 1, user_id: user.id, **times }) }
      handed = open = nil
      sync = set_sync do
        after_batch do |changes|
          handed = changes.map { |change| [change.key, change.after[:faculty_status]] }
          open = [User.confirmed_faculty.count, User.connection.open_transactions]
        end
      end
      sync.call
      expect(handed).to eq(users.map { |user| [user.id, "confirmed_faculty"] })
      expect(open).to eq([3, 1])
      expect(ApplicationUser.pluck(:unread_updates)).to eq([1, 1, 1])
    end

    it "does not call after_batch where nothing was written" do
      users = teachers(2)
      called = 0
      plan = set_sync { after_batch { called += 1 } }.plan
      users.each { |user| user.update_columns(faculty_status: :rejected_faculty) }
      expect(plan.apply.stale.size).to eq(2)
      expect(called).to eq(0)
    end

    it "has applied nothing of a batch in whose after_batch an error of the database was rescued" do
      users = teachers(3)
      bad = users[1].id
      run = set_sync do
        after_batch do |changes|
          User.insert!({ **users.first.attributes }) if changes.any? { |change| change.key == bad }
        rescue ActiveRecord::RecordNotUnique
          nil # and PostgreSQL answers the COMMIT with a ROLLBACK
        end
      end.call(allow: { effects: 3 })
      expect([run.applied.size, linked, CrmSync::ChangeRow.count]).to eq([2, 2, 2])
      expect(run.errors.map { |error| [error.key, error.message] }).to match([[bad, /its error was rescued/]])
    end

    it "writes nothing of a batch whose after_batch fails, and tries its changes one by one" do
      users = teachers(3)
      batches = []
      sync = set_sync do
        after_transition :faculty_status, to: :confirmed_faculty do |user, change|
          SecurityLog.create!(user:, event_type: :faculty_verified, event_data: change.audit)
        end
        after_batch do |changes|
          batches << changes.map(&:key)
          raise "not this one" if batches.last.include?(users[1].id)
        end
      end
      run = sync.call
      expect(batches).to eq([users.map(&:id), *users.map { |user| [user.id] }])
      expect(run.errors.map(&:to_a)).to eq([[users[1].id, "RuntimeError", "not this one"]])
      expect(SecurityLog.order(:id).pluck(:user_id)).to eq([users[0].id, users[2].id])
      expect([linked, temporary_tables]).to eq([2, []])
    end

    it "divides a batch that fails, so that one bad record costs few of the others a transaction of their own" do
      users = teachers(30)
      sizes = []
      sync = set_sync do
        after_batch do |changes|
          sizes << changes.size
          raise "not this one" if changes.map(&:key).include?(users[4].id)
        end
      end
      run = sync.call
      expect(sizes).to eq([30, 3, 3, 1, 1, 1, *[3] * 8])
      expect(run.errors.map(&:key)).to eq([users[4].id])
      expect([linked, CrmSync::ChangeRow.count, temporary_tables]).to eq([29, 29, []])
    end

    it "gives a hook the record as it is now" do
      seen = nil
      sync = set_sync do
        after_transition(:faculty_status, to: :confirmed_faculty) do |user, change|
          seen = [user.faculty_status, user.salesforce_contact_id == change.contact_id, user.saved_changes]
        end
      end
      teachers(1)
      sync.call
      expect(seen).to eq(["confirmed_faculty", true, {}])
    end

    it "finds a record for its hook also where the write takes it out of the default scope" do
      stub_const("Waiting", Class.new(User) { default_scope { where(faculty_status: :no_faculty_info, is_test: nil) } })
      Waiting.has_many :contact_infos, foreign_key: :user_id
      users = teachers(2)
      hooked = []
      sync = set_sync(model: "Waiting") do
        after_transition(:faculty_status, to: :confirmed_faculty) { |user, _| hooked << user.id }
      end
      plan = sync.plan
      users[0].update_columns(is_test: true)
      run = plan.apply
      expect(run.stale.values).to eq(["it is gone"])
      expect(hooked).to eq([users[1].id])
    end

    it "touches updated_at as a save does, and leaves it where the model does not" do
      long_ago = Time.utc(2020)
      users = teachers(2, updated_at: long_ago, created_at: long_ago)
      users[1].contact_infos.delete_all
      set_sync.call
      expect(users[0].reload.updated_at).to be > 1.hour.ago
      expect([users[0].created_at, users[1].reload.updated_at]).to eq([long_ago, long_ago])
      stub_const("Untouched", Class.new(User) { self.record_timestamps = false })
      Untouched.has_many :contact_infos, foreign_key: :user_id
      create_email(users[1], "teacher1@b.edu")
      set_sync("OtherSync", model: "Untouched").call
      expect(users[1].reload).to have_attributes(faculty_status: "confirmed_faculty", updated_at: long_ago)
    end

    it "works in the host's transaction, batch after batch, and leaves no table there" do
      stub_const("CrmSync::Contacts::SetWriter::BATCH", 2)
      teachers(5)
      User.transaction do
        expect(set_sync.call.status).to eq(:applied)
        expect([linked, temporary_tables]).to eq([5, []])
        raise ActiveRecord::Rollback
      end
      expect(linked).to eq(0)
    end

    it "writes nobody's address into the log" do
      text = StringIO.new
      before = ActiveRecord::Base.logger
      ActiveRecord::Base.logger = Logger.new(text)
      teachers(2)
      ActiveRecord::Base.logger.debug("from now on")
      set_sync.call
      logged = text.string.split("from now on").last
      expect(logged).to include("UPDATE \"users\"")
      expect(logged).not_to include("teacher1@")
    ensure
      ActiveRecord::Base.logger = before
    end

    it "comes into no deadlock with who has one of its records and wants another, which it then writes by itself" do
      users = teachers(3)
      plan = set_sync.plan
      holding = Queue.new
      other = job do |connection|
        connection.transaction do
          User.lock.find(users.last.id)
          holding << true
          eventually { connection.select_value("SELECT COUNT(*) FROM pg_locks WHERE NOT granted").positive? }
          User.lock.find(users.first.id)
        end
      end
      holding.pop
      run = nil
      batches = statements(/\ACREATE TEMPORARY/) { run = plan.apply }
      other.join
      expect([run.status, linked]).to eq([:applied, 3])
      expect(batches.size).to eq(2)
    end

    it "does not take for unwritten what was written before a callback failed" do
      users = teachers(2)
      stub_const("Note", Class.new(SecurityLog) { after_commit { raise "too late" } })
      sync = set_sync do
        after_batch { |changes| Note.create!(user_id: changes.first.key, event_type: :faculty_verified) }
      end
      run = sync.call
      expect(run.applied.map(&:key)).to eq(users.map(&:id))
      expect(run.errors.map(&:to_a)).to eq([[nil, "RuntimeError", "too late"]])
      expect([linked, SecurityLog.count, run.status]).to eq([2, 1, :partial])
      expect(run.ledger[:changes].buckets).to include(applied: 2, stale: 0, failed: 0)
    end

    it "ends with a deadline that the host set" do
      late = Class.new(Timeout::Error)
      teachers(2)
      expect { set_sync { after_batch { raise late } }.call }.to raise_error(late)
      expect([linked, temporary_tables]).to eq([0, []])
    end

    it "ends with Thread#kill in the middle of a batch, and writes nothing of it" do
      teachers(3)
      reached = Queue.new
      sync = set_sync do
        after_batch do
          reached << true
          sleep # until somebody ends it
        end
      end
      thread = job { sync.call }
      reached.pop
      expect(thread.kill.join(30)).to eq(thread)
      expect([linked, temporary_tables]).to eq([0, []])
      expect(set_sync("NextSync").call.status).to eq(:applied)
    end
  end

  context "with a database that is made otherwise" do
    using_database :postgresql, fresh: true

    # Remembers in files: state that is written to the database would have Rails forget its cache.
    it "is seen by a host that caches its queries" do
      CrmSync.configuration.state_dir = scratch
      ActiveRecord::Base.connection.drop_table(:crm_sync_states)
      teachers(1)
      counts = User.cache { [linked, set_sync.call && linked] }
      expect(counts).to eq([0, 1])
    ensure
      CrmSync.configuration.state_dir = nil
    end

    it "is refused on first use where temporary tables may not be made" do
      connection = ActiveRecord::Base.connection
      salesforce_has
      connection.execute("REVOKE TEMPORARY ON DATABASE #{connection.current_database} FROM PUBLIC")
      connection.execute("CREATE ROLE poor; GRANT ALL ON ALL TABLES IN SCHEMA public TO poor; SET ROLE poor")
      problem = /\A#{__FILE__}:\d+: .* GRANT TEMPORARY ON DATABASE/
      expect { set_sync.plan }.to raise_error(CrmSync::ConfigurationError, problem)
    ensure
      connection.execute("RESET ROLE; DROP OWNED BY poor; DROP ROLE poor")
    end
  end
end
