# frozen_string_literal: true

require "rails_helper"

# Stops in the middle of a read: nothing more is sent, no job runs on, and the client works.
RSpec.describe CrmSync::Salesforce::Client do
  # An exception that a host may send into a thread; no StandardError.
  stop = Class.new(Exception) # rubocop:disable Lint/InheritException
  let(:stop) { stop }

  # Each way where it is busy when it is stopped: pages come slowly, and jobs are far from complete or have pages left.
  moments = {
    "a serial read" => [:serial, { count: 400, latency_ms: 2 }],
    "a parallel read" => [:parallel, { count: 400, latency_ms: 2 }],
    "the results of a job" => [:bulk, { count: 400, bulk_page_size: 10, faults: [{ on: :job_results, skip: 6,
                                                                                   answer: { slow_body_ms: 20 } }] }]
  }

  # The rows of a read that never comes to its end before somebody stops it.
  def rows(way)
    client.query(OrgReading::SOQL, by: way)
  end

  # Runs in a thread what is to be stopped from outside, once it is on its way.
  def stopping(salesforce, way)
    thread = Thread.new do
      rows(way).each { sleep 0.002 }
    rescue stop
      :raised
    end
    yield thread
    expect(thread.join(30)).to eq(thread) # or it hangs
    expect_stopped(salesforce)
  end

  def expect_stopped(salesforce)
    expect(running_jobs(salesforce)).to be_empty
    expect(salesforce.jobs.map { |job| job["deleted"] }).to all(be(true))
    expect_silence(salesforce)
  end

  def expect_working
    expect(rows(:serial).first["Id"]).to eq(contact_id(1))
  end

  moments.each do |what, (way, options)|
    describe what do
      it "ends with first" do
        org(**options) do |salesforce|
          expect(rows(way).first(10).size).to eq(10)
          expect_stopped(salesforce)
          expect_working
        end
      end

      it "ends with break" do
        org(**options) do |salesforce|
          taken = 0
          rows(way).each { break if (taken += 1) == 10 }
          client.each_batch(OrgReading::SOQL, by: way) { |batch| break if (taken += batch.size) > 10 }
          expect(taken).to be > 10
          expect_stopped(salesforce)
          expect_working
        end
      end

      it "ends with an exception in the block, and with a throw" do
        org(**options) do |salesforce|
          raising = ->(_) { raise stop }
          throwing = ->(_) { throw :enough, 7 }
          expect { rows(way).each(&raising) }.to raise_error(stop)
          expect(catch(:enough) { rows(way).each(&throwing) }).to eq(7)
          expect_stopped(salesforce)
          expect_working
        end
      end

      it "ends with Thread#kill and Thread#raise" do
        org(**options) do |salesforce|
          [:kill.to_proc, ->(thread) { thread.raise(stop) }].each do |act|
            seen = salesforce.requests.size
            stopping(salesforce, way) do |thread|
              eventually { salesforce.requests.size > seen + 5 }
              act.call(thread)
            end
          end
          expect_working
        end
      end

      it "ends with Timeout" do
        org(**options) do |salesforce|
          expect { Timeout.timeout(0.2) { rows(way).each { sleep 0.01 } } }.to raise_error(Timeout::Error)
          expect_stopped(salesforce)
          expect_working
        end
      end

      it "ends with the Enumerator that nobody asks any more" do
        org(**options) do |salesforce|
          external = rows(way)
          3.times { external.next }
          # Nobody says so when it is dropped, but what is fetched before it is collected is bounded: a page waits, and
          # so does each of the requests that are under way at once. In all there are a hundred pages.
          sleep 0.3
          expect(salesforce.requests.size).to be < 60
          expect_working
        end
      end
    end
  end

  describe "the polling of a job" do
    it "ends with Thread#kill, Thread#raise and Timeout: the job is aborted and deleted" do
      acts = [:kill.to_proc, ->(thread) { thread.raise(stop) }]
      acts.each do |act|
        org(bulk_polls: 10_000) do |salesforce|
          stopping(salesforce, :bulk) do |thread|
            eventually { salesforce.jobs.any? { |job| job["state"] == "InProgress" } }
            act.call(thread)
          end
          expect(salesforce.jobs.map { |job| job.values_at("state", "deleted") }).to eq([["Aborted", true]])
          expect_working
        end
      end
      org(bulk_polls: 10_000) do |salesforce|
        expect { Timeout.timeout(0.3) { rows(:bulk).first } }.to raise_error(Timeout::Error)
        expect(salesforce.jobs.map { |job| job.values_at("state", "deleted") }).to eq([["Aborted", true]])
        expect_stopped(salesforce)
      end
    end

    it "ends with the deadline" do
      org(bulk_polls: 10_000, settings: { deadline: 0.7 }) do |salesforce|
        expect { rows(:bulk).first }.to raise_error(CrmSync::RemoteError, /before the deadline/)
        expect(salesforce.jobs.map { |job| job.values_at("state", "deleted") }).to eq([["Aborted", true]])
        expect_stopped(salesforce)
      end
    end

    it "ends also where the server does not end the job, after a while" do
      org(bulk_polls: 10_000, faults: [{ on: :job_end, answer: { retry_after: 86_400 } }],
          settings: { deadline: 0.4 }) do |salesforce|
        expect { Timeout.timeout(0.3) { rows(:bulk).first } }.to raise_error(Timeout::Error)
        expect_silence(salesforce)
        expect_working
      end
    end
  end

  describe "Ctrl-C" do
    def database_url
      "none"
    end

    let(:lib) { File.expand_path("../../../lib", __dir__) }

    # Returns the environment that leads the child to this process's simulator, and to a file for its session.
    def pointing_at(salesforce)
      { "CRM_SYNC_SALESFORCE_HOST" => salesforce.url, "CRM_SYNC_SALESFORCE_CLIENT_ID" => "simulator",
        "CRM_SYNC_SALESFORCE_CLIENT_SECRET" => Simulated::SECRET, "CRM_SYNC_SALESFORCE_RETRY_DELAY" => "0.01",
        "XDG_STATE_HOME" => scratch }
    end

    { **moments, "the polling of a job" => [:bulk, { bulk_polls: 10_000 }] }.each do |what, (way, options)|
      it "in #{what} ends a command, and nothing of it is left" do
        org(**options) do |salesforce|
          child = start_command(RbConfig.ruby, "-I", lib, "-e", <<~RUBY, env: pointing_at(salesforce))
            require "active_support/all"
            require "crm_sync"
            CrmSync::Salesforce.client.query("#{OrgReading::SOQL}", by: :#{way}).each { sleep 0.01 }
          RUBY
          eventually { salesforce.requests.size > 5 }
          child.signal("INT")
          expect(child.wait.status.termsig).to eq(Signal.list["INT"])
          expect(running_jobs(salesforce)).to be_empty
          expect(salesforce.jobs.map { |job| job["deleted"] }).to all(be(true))
          seen = salesforce.requests.size
          sleep 0.1
          expect(salesforce.requests.size).to eq(seen)
        end
      end
    end
  end
end
