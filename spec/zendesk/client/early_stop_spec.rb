# frozen_string_literal: true

require "rails_helper"
require_relative "../../support/zendesk_desk"

# Stops in the middle of a read or a write: the sending stops, and the client works on.
RSpec.describe CrmSync::Zendesk::Client do
  include ZendeskDesk

  # An exception that a host may send into a thread; no StandardError.
  stop = Class.new(Exception) # rubocop:disable Lint/InheritException
  acts = { "Thread#kill" => :kill.to_proc, "Thread#raise" => ->(thread) { thread.raise(stop) } }.freeze
  endless = [{ on: :update_many, answer: { job_stops: { status: "working" } } }].freeze

  # An account whose list never comes to its end before somebody stops it.
  def long(**options, &)
    desk(400, latency_ms: 2, **options, &)
  end

  def expect_working
    expect(zendesk_client.organizations.first["id"]).to eq(1)
  end

  # Stops a thread from outside, once it is on its way.
  def stopping(act, stop, on_its_way, &work)
    thread = Thread.new do
      work.call
    rescue stop
      :raised
    end
    eventually(&on_its_way)
    act.call(thread)
    expect(thread.join(30)).to eq(thread) # or it hangs
  end

  it "ends a read with first and with break" do
    long do |zendesk|
      taken = 0
      zendesk_client.organizations.each { break if (taken += 1) == 10 }
      expect([taken, zendesk_client.organizations.first(10).size]).to eq([10, 10])
      expect_zendesk_silence(zendesk)
      expect(asked(zendesk, "GET", "/organizations")).to be < 20 # of a hundred
      expect_working
    end
  end

  it "ends a read with an exception in the block, and with a throw" do
    long do |zendesk|
      raising = ->(_) { raise stop }
      throwing = ->(_) { throw :enough, 7 }
      expect { zendesk_client.organizations.each(&raising) }.to raise_error(stop)
      expect(catch(:enough) { zendesk_client.organizations.each(&throwing) }).to eq(7)
      expect_zendesk_silence(zendesk)
      expect_working
    end
  end

  acts.each do |name, act|
    it "ends a read with #{name}" do
      long do |zendesk|
        on_its_way = -> { zendesk.requests.size > 8 }
        stopping(act, stop, on_its_way) { zendesk_client.organizations.each { sleep 0.002 } }
        expect_zendesk_silence(zendesk)
        expect_working
      end
    end

    it "ends a write with #{name}" do
      desk(faults: endless) do |zendesk|
        on_its_way = -> { asked(zendesk, "GET", "/job_statuses/show_many").positive? }
        stopping(act, stop, on_its_way) { zendesk_client.update_many([{ id: 1, notes: "new" }]) }
        expect_zendesk_silence(zendesk)
        expect_working
      end
    end
  end

  it "ends a read and a write with Timeout" do
    long(faults: endless) do |zendesk|
      reading = -> { zendesk_client.organizations.each { sleep 0.01 } }
      writing = -> { zendesk_client.update_many([{ id: 1, notes: "new" }]) }
      [reading, writing].each do |work|
        expect { Timeout.timeout(0.2) { work.call } }.to raise_error(Timeout::Error)
      end
      expect_zendesk_silence(zendesk)
      expect_working
    end
  end

  it "fetches no more for an Enumerator that nobody asks" do
    long do |zendesk|
      external = zendesk_client.organizations
      3.times { external.next }
      3.times { zendesk_client.organizations.to_a }
      expect(asked(zendesk, "GET", "/organizations")).to be <= 300 + 4
      expect(external.next["id"]).to eq(4)
    end
  end

  describe "in a process of its own" do
    def database_url
      "none"
    end

    let(:lib) { File.expand_path("../../../lib", __dir__) }

    def start(code, zendesk)
      start_command(RbConfig.ruby, "-I", lib, "-e", <<~RUBY, env: pointing_at(zendesk))
        require "active_support/all"
        require "crm_sync"
        $stdout.sync = true
        #{code}
      RUBY
    end

    {
      "a read" => ["organizations.each { sleep 0.01 }", ->(zendesk) { zendesk.requests.size > 5 }],
      "a write" => ["update_many([{ id: 1, notes: '' }])", ->(zendesk) { zendesk.jobs.any? }]
    }.each do |what, (code, on_its_way)|
      it "is ended by Ctrl-C in #{what}" do
        long(faults: endless) do |zendesk|
          child = start("CrmSync::Zendesk.client.#{code}", zendesk)
          eventually { on_its_way.call(zendesk) }
          child.signal("INT")
          expect(child.wait.status.termsig).to eq(Signal.list["INT"])
          expect_zendesk_silence(zendesk)
        end
      end
    end

    it "works before a fork, in the child, and after it" do
      desk do |zendesk|
        result = start(<<~'RUBY', zendesk).wait
          client = CrmSync::Zendesk.client
          rows = client.organizations
          3.times { rows.next }
          pid = fork do
            puts "child #{client.organizations.count}"
            GC.start
          end
          puts "exit #{Process.wait2(pid).last.exitstatus}"
          puts "parent #{rows.next["id"]} #{client.organizations.count}"
        RUBY
        expect(result.stdout).to eq("child 10\nexit 0\nparent 4 10\n")
        expect(result.stderr).to eq("")
        expect(asked(zendesk, "POST", "/oauth/tokens")).to eq(2)
      end
    end
  end
end
