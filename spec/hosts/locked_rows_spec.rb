# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# Somebody keeps rows of the host locked: a migration, a console with an open transaction, a batch job.
RSpec.describe "a host in which somebody keeps rows locked" do
  include ContactSyncWorld

  def locking_sync(way, **options)
    sync_that do
      write(way, **options)
      attribute :faculty_status, from: "Faculty_Verified__c", map: { "Confirmed" => :confirmed_faculty, nil => nil }
      write_back "Fax", with: :uuid, on: { faculty_status: :confirmed_faculty }
    end
  end

  def teachers(count)
    users = Array.new(count) { |n| create_user(email: "teacher#{n}@b.edu") }
    salesforce_has(*Array.new(count) { |n| contact("teacher#{n}@b.edu", faculty: "Confirmed") })
    users
  end

  # Another connection does this in a transaction that stays open while the block runs.
  def while_open(*statements)
    open = Queue.new
    go = Queue.new
    other = Thread.new do
      ActiveRecord::Base.connection_pool.with_connection do |connection|
        connection.transaction do
          statements.each { |statement| connection.execute(statement) }
          open.push(true)
          go.pop
        end
      end
    end
    open.pop
    yield
  ensure
    go.push(true)
    other.join
  end

  # The limits in milliseconds that the block sets, one after the other.
  def limits_set(&)
    limits = []
    listen = ->(*, payload) { limits << payload[:sql][/set_config\('lock_timeout', '(\d+)'/, 1] }
    ActiveSupport::Notifications.subscribed(listen, "sql.active_record", &)
    limits.compact.map(&:to_i).chunk_while { |one, other| one == other }.map(&:first) - [0]
  end

  def lock_timeout
    ActiveRecord::Base.connection.select_value("SHOW lock_timeout")
  end

  context "on PostgreSQL" do
    using_database :postgresql

    %i[records set_based].each do |way|
      it "tells of that record and writes all others, with #{way}" do
        users = teachers(5)
        sync = locking_sync(way)
        run = nil
        while_open("SELECT 1 FROM users WHERE id = #{users[2].id} FOR UPDATE") { run = sync.call }
        expect(run.errors.map(&:to_s))
          .to match([/\A#{users[2].id}: somebody else keeps its row, .* tries again \(\S+LockWaitTimeout\)/])
        expect(run.applied.map(&:key)).to match_array(users.map(&:id) - [users[2].id])
        expect([lock_timeout, sync.call.applied.map(&:key)]).to eq(["0", [users[2].id]])
      end

      it "waits for nobody any more when it has waited for long enough, with #{way}" do
        stub_const("CrmSync::Contacts::Patience::RUN", 1.2)
        users = teachers(4)
        sync = locking_sync(way)
        run = nil
        limits = limits_set { while_open("SELECT 1 FROM users FOR UPDATE") { run = sync.call } }
        expect(run.errors.map(&:key)).to match_array(users.map(&:id))
        # On a busy machine the first wait may use up what is left for the second.
        expect(limits).to start_with(30_000, 1_000, be < 300, 1).or start_with(30_000, 1_000, 1)
        expect(lock_timeout).to eq("0")
      end

      it "goes on where its table is locked, and tells of each record, with #{way}" do
        stub_const("CrmSync::Contacts::Patience::RUN", 0.1)
        users = teachers(3)
        sync = locking_sync(way)
        run = nil
        while_open("LOCK TABLE crm_sync_outbox IN EXCLUSIVE MODE") { run = sync.call }
        expect(run.errors.map(&:key)).to match_array(users.map(&:id))
        expect(sync.call.applied.size).to eq(3)
      end

      it "leaves the host's transaction with the host's limit, with #{way}" do
        users = teachers(2)
        sync = locking_sync(way)
        ActiveRecord::Base.transaction do
          ActiveRecord::Base.connection.execute("SET LOCAL lock_timeout = '7s'")
          while_open("SELECT 1 FROM users WHERE id = #{users[0].id} FOR UPDATE") do
            expect(sync.call.errors.map(&:key)).to eq([users[0].id])
          end
          expect(lock_timeout).to eq("7s")
        end
        expect([lock_timeout, User.where.not(salesforce_contact_id: nil).pluck(:id)]).to eq(["0", [users[1].id]])
      end
    end

    it "sends what waits again, where rows of the outbox are locked" do
      teachers(2)
      stub_const("CrmSync::Outbox::LOCK_WAIT", 0.1)
      sync = locking_sync(:records)
      run = nil
      ActiveRecord::Base.transaction { sync.call }
      while_open("SELECT 1 FROM crm_sync_outbox FOR UPDATE") { run = sync.call }
      expect(run.errors.map(&:to_s)).to match([/write-backs .* keeps .* locked/])
      expect(CrmSync::OutboxRow.count).to eq(2)
      expect([sync.call.errors, CrmSync::OutboxRow.count]).to eq([[], 0])
    end

    it "says so where the table cannot be read" do
      stub_const("CrmSync::Contacts::Reading::LOCK_WAIT", 0.1)
      teachers(1)
      sync = locking_sync(:records)
      sync.plan
      while_open("LOCK TABLE contact_infos IN ACCESS EXCLUSIVE MODE") do
        expect { sync.call }.to raise_error(ActiveRecord::LockWaitTimeout)
      end
      expect(lock_timeout).to eq("0")
    end
  end

  context "on PostgreSQL with rows that refer to users" do
    using_database :postgresql, fresh: true

    before(:context) do
      ActiveRecord::Base.connection.execute(<<~SQL)
        CREATE TABLE visits (id serial, user_id bigint REFERENCES users ON DELETE CASCADE)
      SQL
    end

    def uniquely
      ActiveRecord::Base.connection.execute("CREATE UNIQUE INDEX of_one ON users (salesforce_contact_id)")
      yield
    ensure
      ActiveRecord::Base.connection.execute("DROP INDEX of_one")
    end

    def visit(user) = "INSERT INTO visits (user_id) VALUES (#{user.id})"

    %i[records set_based].each do |way|
      it "writes a user to whom a row that is not committed yet refers, with #{way}" do
        users = teachers(3)
        run = nil
        while_open(visit(users[1])) { run = locking_sync(way).call }
        expect([run.errors, run.applied.map(&:key)]).to eq([[], users.map(&:id)])
      end

      it "does so as well when it writes the user alone, with #{way}" do
        user, = teachers(1)
        run = nil
        while_open(visit(user)) { run = locking_sync(way).call }
        expect([run.errors, run.applied.map(&:key)]).to eq([[], [user.id]])
      end

      it "lets others make such rows while a batch is open, with #{way}" do
        users = teachers(2)
        sync = locking_sync(way)
        sync.after_link do |user|
          job { |connection| connection.execute("SET lock_timeout = '1s'; #{visit(user)}; RESET lock_timeout") }.join
        end
        expect([sync.call.errors, ActiveRecord::Base.connection.select_values("SELECT user_id FROM visits")])
          .to match([[], match_array(users.map(&:id))])
      end

      # A write of that column waits for the row; a batch must not do so.
      it "waits for such a row without its batch if the contact's column has a unique index, with #{way}" do
        users = teachers(3)
        sync = locking_sync(way)
        run = nil
        uniquely do
          in_batch = []
          sync.after_link { |user| in_batch << user.id }
          while_open(visit(users[1])) { run = sync.call }
          expect(run.errors.map(&:to_s)).to match([/\A#{users[1].id}: somebody else keeps its row/])
          expect([run.applied.map(&:key), in_batch]).to eq([[users[0].id, users[2].id]] * 2)
          expect(sync.call.applied.map(&:key)).to eq([users[1].id])
        end
      end

      it "needs no such wait for another column of that user, with #{way}" do
        users = teachers(2)
        sync = locking_sync(way)
        sync.attribute :last_name, from: "LastName"
        sync.call
        salesforce.replace("Contact", salesforce.records("Contact").map { |row| row.merge("LastName" => "Gray") })
        run = nil
        uniquely { while_open(visit(users[1])) { run = sync.call } }
        expect([run.errors, run.applied.map(&:key)]).to eq([[], users.map(&:id)])
      end
    end
  end

  context "on SQLite" do
    using_database :sqlite

    # Another connection locks the database after a statement, until the first one that meets the lock has failed.
    def locked_after(statement, &)
      other = SQLite3::Database.new(ActiveRecord::Base.connection_db_config.database)
      locked = 0
      listen = lambda do |*, payload|
        other.execute("ROLLBACK") if payload[:exception] && other.transaction_active?
        next unless payload[:sql].start_with?(statement) && (locked += 1) == 1

        other.execute("BEGIN IMMEDIATE")
      end
      ActiveSupport::Notifications.subscribed(listen, "sql.active_record", &)
    ensure
      other.close
    end

    # Whether a statement waits for a lock for as long as config/database.yml says.
    def usual_limit?
      pragma = ActiveRecord::Base.connection.select_value("PRAGMA busy_timeout")
      ActiveRecord.version < Gem::Version.new("8.0") ? pragma == 5_000 : pragma.zero?
    end

    it "plans while somebody else writes" do
      teachers(1)
      other = SQLite3::Database.new(ActiveRecord::Base.connection_db_config.database)
      other.execute("BEGIN IMMEDIATE")
      expect(locking_sync(:records).plan.changes.size).to eq(1)
    ensure
      other.close
    end

    it "tells of the record that met a locked database when its transaction began, and writes all others" do
      teachers(3)
      sync = locking_sync(:records, batch: 1)
      run = locked_after("INSERT INTO \"crm_sync_runs\"") { sync.call }
      expect(run.errors.map(&:to_s)).to match([/\A\d+: somebody else keeps its row, .* tries again/])
      expect([run.applied.size, usual_limit?]).to eq([2, true])
    end

    # Rails 8 locks the database when a transaction begins, so that nobody else can within one.
    old = { if: ActiveRecord.version < Gem::Version.new("8.0") }

    # Writes in batches of one: the locks of a larger batch would keep others from locking the database.
    it "tells of the record that met a locked database, and writes all others", **old do
      users = teachers(3)
      sync = locking_sync(:records, batch: 1)
      other = SQLite3::Database.new(ActiveRecord::Base.connection_db_config.database)
      stub_const("User", Class.new(User))
      User.before_save(prepend: true) { other.execute("BEGIN IMMEDIATE") if id == users[1].id }
      User.after_find { other.execute("ROLLBACK") if id == users[2].id && other.transaction_active? }
      run = sync.call
      expect(run.errors.map(&:to_s)).to match([/\A#{users[1].id}: somebody else keeps its row, .* tries again/])
      expect(run.applied.size).to eq(2)
      expect(usual_limit?).to be(true)
    ensure
      other.close
    end

    it "tells of the record that met a locked database before its batch has written, and writes all others", **old do
      users = teachers(3)
      sync = locking_sync(:records)
      other = SQLite3::Database.new(ActiveRecord::Base.connection_db_config.database)
      stub_const("User", Class.new(User))
      User.before_save(prepend: true) { other.execute("BEGIN IMMEDIATE") if id == users[0].id }
      User.before_validation { other.execute("ROLLBACK") if id == users[1].id && other.transaction_active? }
      run = sync.call
      expect(run.errors.map(&:to_s)).to match([/\A#{users[0].id}: somebody else keeps its row, .* tries again/])
      expect(run.applied.map(&:key)).to eq(users.drop(1).map(&:id))
    ensure
      other.close
    end
  end
end
