# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"
require "support/pooler"

# An app whose connection goes through a pooler.
RSpec.describe "an app behind a pooler" do
  include ContactSyncWorld

  using_database :postgresql

  let!(:ann) { create_user(email: "ann@b.edu") }
  let!(:linked) { contact("ann@b.edu", faculty: "Confirmed") }
  let(:refusal) do
    "the connection to PostgreSQL goes through a pooler that gives each transaction another session, such as " \
      "PgBouncer with pool_mode = transaction, where no process can keep the lock that keeps others out; run the " \
      "sync on a direct connection, or on one in session mode"
  end

  before { salesforce_has(linked) }

  # Runs the block while the app's connections go through a pooler.
  def behind_pooler(**options)
    pooler = Pooler.new(database_url, **options)
    ActiveRecord::Base.establish_connection(url: pooler.url, pool: 5)
    yield pooler
  ensure
    ActiveRecord::Base.establish_connection(url: database_url, pool: 10, timeout: 5000)
    pooler&.close
  end

  # What transactions leave in a session when the block has run.
  def left(pooler)
    ActiveRecord::Base.connection.execute("SELECT 1")
    pooler.left
    yield
    pooler.left
  end

  [1, 2].each do |sessions|
    context "in transaction mode, with #{sessions} sessions" do
      around { |example| behind_pooler(sessions:) { |pooler| (@pooler = pooler) && example.run } }

      it "plans, explains and writes for one user, and leaves nothing in a session" do
        stub_const("CrmSync::Contacts::Need::FEW", 0)
        found = left(@pooler) do
          expect(UpdateUserSalesforceInfo.plan.changes.map(&:action)).to eq([:link])
          expect(UpdateUserSalesforceInfo.explain(ann)).to include("planned: link")
          expect(sync(only: ann).status).to eq(:applied)
        end
        expect(found).to eq([])
        expect(ann.reload.salesforce_contact_id).to eq(linked["Id"])
      end

      it "writes without the model for one user, and leaves nothing in a session" do
        setting = sync_that { write :set_based }
        expect(left(@pooler) { expect(setting.call(only: ann).status).to eq(:applied) }).to eq([])
      end

      it "leaves the write-backs of one user to a run on a direct connection" do
        found = left(@pooler) { sync(only: ann) }
        expect([found, writes_to(salesforce), CrmSync::OutboxRow.count]).to eq([[], [], 1])
      end

      it "refuses a run for everybody, an undo and the apply of a plan, before anything is read or written" do
        plan = UpdateUserSalesforceInfo.plan
        run = sync(only: ann)
        before = [all_rows, queries]
        begun = [-> { sync }, -> { plan.apply }, -> { run.undo! }]
        found = left(@pooler) { expect(begun).to all(raise_error(CrmSync::ConfigurationError, refusal)) }
        expect([found, [all_rows, queries]]).to eq([[], before])
      end

      it "is told by the doctor that a run would be refused" do
        problems = UpdateUserSalesforceInfo.doctor.problems.select { |finding| finding.topic == "lock" }
        expect(problems.map(&:message)).to eq([refusal])
      end

      it "writes in a transaction of the app's, which has one session" do
        found = left(@pooler) { expect(User.transaction { sync }.status).to eq(:applied) }
        expect([found, ann.reload.salesforce_contact_id]).to eq([[], linked["Id"]])
      end
    end
  end

  context "in session mode" do
    it "runs, with its lock" do
      behind_pooler(sessions: 3, mode: :session) do
        expect([sync.status, sync.status]).to eq(%i[applied unchanged])
        expect(verification_mails.size).to eq(1)
      end
    end

    it "is asked for its mode once, however often the run tries to acquire a lock" do
      behind_pooler(sessions: 3, mode: :session) do |pooler|
        expect { sync }.to change { [verification_mails.size, pooler.clients] }.from([0, 0]).to([1, 2])
      end
    end

    it "runs if no other session is left to tell the mode by" do
      behind_pooler(sessions: 1, mode: :session) { expect(sync.status).to eq(:applied) }
    end
  end

  it "opens no second connection where there is no pooler" do
    opened = -> { ActiveRecord::Base.connection.select_value("SELECT COUNT(*) FROM pg_stat_activity") }
    allow(PG::Connection).to receive(:connect_start).and_raise("a second connection")
    expect { sync }.not_to change(&opened)
  end
end
