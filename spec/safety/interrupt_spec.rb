# frozen_string_literal: true

require "rails_helper"
require_relative "../support/quiet_sql"

# Ends a run from outside in all ways: the host lives on, with its connection and its own data, and nothing of ours is
# half-written.
RSpec.describe CrmSync::ContactSync, :quiet_sql do
  # A host may send it into a thread. It is not a StandardError, which in a write would count as that record's problem.
  stop = Class.new(Exception) # rubocop:disable Lint/InheritException

  on_each_database do |kind|
    # On a busy machine, a batch would end after its first record.
    before { stub_const("CrmSync::Contacts::RecordBatch::HELD", 60) }

    before { create_teachers(3) }

    %i[fetch read write batch].each do |name|
      describe "a run that is caught in its #{name}" do
        let(:moment) { public_send("#{name}_moment", kind) }

        # Runs the sync in a job, and does something to its thread at the moment.
        def catch_it(job_of_host)
          simulate(faults: moment.faults) do |salesforce|
            thread = job { job_of_host.call }
            moment.reached.call
            yield thread
            thread.join(30) or raise "the thread did not end"
            expect_silence(salesforce) if moment.faults.any?
          end
        end

        it "ends with Thread#kill" do
          catch_it(-> { moment.sync.call }, &:kill)
          expect_all_well(moment.written)
        end

        it "ends with Thread#kill, and so does what its host had begun" do
          host = -> { User.transaction { create_user(first_name: "Host's") && moment.sync.call } }
          catch_it(host, &:kill)
          expect(User.where(first_name: "Host's")).to be_empty
          expect_all_well(0)
        end

        { "keeps" => true, "takes back" => false }.each do |does, keep|
          it "ends with Thread#raise, and its host #{does} what it had begun" do
            host = lambda do
              User.transaction do
                create_user(first_name: "Host's")
                expect { moment.sync.call }.to raise_error(stop)
                expect(User.where(first_name: "Host's").count).to eq(1)
                raise ActiveRecord::Rollback unless keep
              end
            end
            catch_it(host) { |thread| thread.raise(stop) }
            expect(User.where(first_name: "Host's").count).to eq(keep ? 1 : 0)
            expect_all_well(keep ? moment.written : 0)
          end
        end

        it "ends with Timeout, also in its host's transaction, and can be run again there" do
          simulate(faults: moment.faults.map { |fault| { **fault, times: 1 } }) do
            User.transaction do
              create_user(first_name: "Host's")
              expect { Timeout.timeout(name == :read ? 0.1 : 0.6) { moment.sync.call } }.to raise_error(Timeout::Error)
              expect(linked.count).to eq(SecurityLog.count)
              expect(UpdateUserSalesforceInfo.call.status).to eq(:applied)
            end
          end
          expect(User.where(first_name: "Host's").count).to eq(1)
          expect_all_well(3)
        end
      end
    end

    { 1 => 1, 2 => 0 }.each do |batch, written|
      it "ends with a throw out of a hook, and takes back what that write had begun, in batches of #{batch}" do
        sync = small_sync("User") { throw :enough if SecurityLog.count > 1 }
        sync.write(:records, batch:)
        simulate { catch(:enough) { sync.call } }
        expect_all_well(written)
      end
    end

    it "goes on after a record whose hook raises" do
      times = 0
      sync = small_sync("User") { raise "not this one" if (times += 1) == 2 }
      run = simulate { sync.call }
      expect(run.status).to eq(:partial)
      expect(run.errors.map(&:message)).to eq(["not this one"])
      expect_all_well(2)
    end

    it "does not take a write for done that its hook has rolled back" do
      sync = small_sync("User") { raise ActiveRecord::Rollback if SecurityLog.count > 1 }
      run = simulate { sync.call }
      expect(run.summary).to include(status: :partial, applied: { link: 1 }, errors: 2)
      expect_all_well(1)
    end

    it "ends while it writes back to Salesforce, and the next run does that" do
      simulate(faults: [{ on: :update, answer: :hang }]) do |salesforce|
        run = job { UpdateUserSalesforceInfo.call }
        eventually { salesforce.requests.any? { |request| request["method"] == "PATCH" } }
        run.kill.join
        expect_silence(salesforce)
      end
      expect([linked.count, CrmSync::OutboxRow.count]).to eq([3, 3])
      simulate do |salesforce|
        expect(UpdateUserSalesforceInfo.call.status).to eq(:unchanged)
        written_back = salesforce.records("Contact").filter_map { |contact| contact["SendFacultyVerificationTo__c"] }
        expect(written_back.size).to eq(3)
      end
      expect(CrmSync::OutboxRow.count).to eq(0)
    end

    it "ends when its logger raises or throws" do
      pump = [{ on: :query, answer: { error: { status: 500, code: "UNKNOWN_EXCEPTION" } } }]
      [-> { raise stop }, -> { throw :enough }].each do |act|
        logger = Logger.new(nil).tap { |it| it.define_singleton_method(:warn) { |*| act.call } }
        simulate(faults: pump) do |salesforce|
          with_logger(logger) { catch(:enough) { expect { UpdateUserSalesforceInfo.call }.to raise_error(stop) } }
          expect_silence(salesforce)
        end
      end
      expect_all_well(0)
    end
  end

  # Each simulator has a port of its own; here all of them stand for one org.
  def simulate(**)
    super do |salesforce|
      CrmSync::OutboxRow.update_all(host: salesforce.url)
      yield salesforce
    end
  end

  def with_logger(logger)
    CrmSync.configuration.logger = logger
    yield
  ensure
    CrmSync.configuration.logger = nil
  end

  # Nothing more is asked of this simulator. The clock is a run elsewhere, which takes longer than a retry here would.
  def expect_silence(salesforce)
    seen = salesforce.requests.size
    simulate(contacts: 0, faults: [{ on: :query, times: 1, answer: :hang }], settings: { read_timeout: 0.2 }) do
      small_sync("User").plan
    end
    expect(salesforce.requests.size).to eq(seen)
  end

  def expect_all_well(written)
    expect([linked.count, SecurityLog.count]).to eq([written, written])
    expect_usable_connections
    expect(simulate { UpdateUserSalesforceInfo.call }.status).to eq(written == 3 ? :unchanged : :applied)
    expect(linked.count).to eq(3)
    expect(CrmSync::OutboxRow.count).to eq(0)
  end

  # This thread's, and that which the job has given back.
  def expect_usable_connections
    expect(ActiveRecord::Base.connection.open_transactions).to eq(0)
    job { User.transaction { create_user && raise(ActiveRecord::Rollback) } }.join
  end
end
