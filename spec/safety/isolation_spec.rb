# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"
require "support/isolation"

# Databases in which a transaction sees by default only what had been committed when it began. What others commit while
# a sync waits for a lock must count all the same.
RSpec.describe "a sync in a database with a stricter default isolation" do
  include ContactSyncWorld
  include Isolation

  using_database :postgresql

  let(:written) { Queue.new }
  let(:go) { Queue.new }
  let!(:ann) { create_user(email: "ann@b.edu", first_name: "Ann") }
  let!(:bob) { create_user(email: "bob@b.edu", first_name: "Bob") }
  let!(:shared) { contact("ann@b.edu", "bob@b.edu") }

  before { salesforce_has(shared) }

  # A sync whose first link waits in its transaction, once it is written.
  def waiting_sync(way)
    link = -> { [written << true, go.pop] if first? }
    sync_that("IsolatedSync") do
      write way
      after_link { link.call }
    end
  end

  def first? = !@first && (@first = true)

  # A plan for one user, made while nobody else has the contact's addresses.
  def plan_alone(sync, user, other)
    infos = other.contact_infos
    infos.update_all(verified: false)
    sync.plan(only: user).tap { infos.update_all(verified: true) }
  end

  def trust(user, verified) = user.contact_infos.update_all(verified:)

  # Returns whether a session waits for a lock of this kind.
  def waiting?(event)
    waits = "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND wait_event = '#{event}' " \
            "AND datname = current_database()"
    ActiveRecord::Base.connection.select_value(waits).positive?
  end

  # Applies a plan for ann while somebody else keeps her row locked, and changes something before giving it free.
  # @return [CrmSync::Run]
  def applied_beside(plan)
    locked = Queue.new
    other = job do
      User.transaction(isolation: :read_committed) do
        User.lock.find(ann.id)
        locked << true
        go.pop
        yield
      end
    end
    locked.pop
    run = job { plan.apply }
    eventually { waiting?("transactionid") }
    2.times { go << true }
    other.value
    run.value
  end

  def holders = User.where(salesforce_contact_id: shared["Id"])

  ["read committed", "repeatable read", "serializable"].each do |level|
    context "that is #{level}" do
      %i[records set_based].each do |way|
        it "gives a contact to one of two users who are linked at once, with #{way}" do
          sync = waiting_sync(way)
          plans = [[ann, bob], [bob, ann]].map { |user, other| plan_alone(sync, user, other) }
          isolate(level)
          first = job { plans.first.apply }
          written.pop
          second = job { plans.last.apply }
          eventually { waiting?("advisory") }
          go << true
          expect(first.value.status).to eq(:applied)
          expect(second.value.stale.values).to eq(["the contact is another's by now"])
          expect(holders).to eq([ann])
        end

        it "sees that an address has become another's while it waited for the user's row, with #{way}" do
          plan = plan_alone(waiting_sync(way), ann, bob)
          isolate(level)
          run = applied_beside(plan) { trust(ann, false) }
          expect(run.stale.values).to eq(["its address is no longer trusted"])
          expect(holders).to be_empty
        end

        it "compares a row that changed while it waited, with #{way}" do
          plan = plan_alone(waiting_sync(way), ann, bob)
          isolate(level)
          run = applied_beside(plan) { User.find(ann.id).update_columns(salesforce_contact_id: "0034C000VaZZZZZQIA") }
          expect([run.errors, run.stale.size]).to eq([[], 1])
        end
      end

      it "keeps every number that several threads add to one state" do
        isolate(level)
        state = CrmSync::State.for("IsolatedSync")
        add = -> { state.update("sum") { |kept| { "sum" => kept.fetch("sum", 0) + 1 } } }
        Array.new(3) { job { 40.times { add.call } } }.each(&:value)
        expect(state.read("sum")).to eq("sum" => 120)
      end

      it "writes states that other threads write" do
        isolate(level)
        state = CrmSync::State.for("IsolatedSync")
        writers = Array.new(3) { |number| job { 40.times { state.write("last", "by" => number) } } }
        expect { writers.each(&:value) }.not_to raise_error
      end
    end
  end

  %i[records set_based].each do |way|
    it "reports a statement that cannot be serialized as the error of its record, with #{way}" do
      salesforce_has(contact("ann@b.edu"), contact("bob@b.edu"))
      ActiveRecord::Base.connection.execute(<<~SQL)
        CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'not today' USING ERRCODE = '40001'; END $$;
        CREATE TRIGGER refuse BEFORE UPDATE ON users FOR EACH ROW WHEN (OLD.id = #{bob.id})
          EXECUTE FUNCTION pg_temp.refuse()
      SQL
      run = sync_that("IsolatedSync") { write way }.call
      failed = run.errors.map { |error| [error.key, error.exception] }
      expect(failed).to eq([[bob.id, "ActiveRecord::SerializationFailure"]])
      expect(run.applied.map(&:key)).to eq([ann.id])
    ensure
      ActiveRecord::Base.connection.execute("DROP TRIGGER IF EXISTS refuse ON users")
    end
  end

  describe "in a transaction of the app's" do
    let(:sync) { sync_that("IsolatedSync") { write :records } }

    before { trust(bob, false) }

    %i[repeatable_read serializable].each do |level|
      it "writes nothing if that is #{level}, and says how it can be called" do
        calling = -> { User.transaction(isolation: level) { sync.call(only: ann) } }
        message = "the sync was called in a transaction with the isolation #{level.to_s.tr("_", " ")}, in which it " \
                  "cannot see what others commit meanwhile, and has written nothing; call it outside of the " \
                  "transaction, or begin that with isolation: :read_committed"
        expect(&calling).to raise_error(CrmSync::ConfigurationError, message)
        expect(holders).to be_empty
      end

      it "undoes nothing if that is #{level}" do
        id = sync.call.id
        undoing = -> { User.transaction(isolation: level) { CrmSync::History.find(id).undo! } }
        expect(&undoing).to raise_error(CrmSync::ConfigurationError, /in a transaction with the isolation/)
        expect(holders).to eq([ann])
      end

      it "finds that there is nothing to do if that is #{level}" do
        sync.call
        expect(User.transaction(isolation: level) { sync.call(only: ann) }.status).to eq(:unchanged)
      end
    end

    it "writes if that sees what others commit" do
      isolate("serializable")
      run = User.transaction(isolation: :read_committed) { sync.call(only: ann) }
      expect([run.status, holders]).to eq([:applied, [ann]])
    end

    it "writes in the transaction of an example of the app's specs, in which nobody else writes" do
      isolate("serializable")
      User.transaction(joinable: false) { expect(sync.call.status).to eq(:applied) }
    end
  end
end
