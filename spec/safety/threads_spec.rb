# frozen_string_literal: true

require "rails_helper"

# A run beside other threads of its host, and many runs.
RSpec.describe UpdateUserSalesforceInfo do
  on_each_database do |kind|
    it "lets other threads work while it waits for Salesforce" do
      create_teachers(1)
      simulate(contacts: 1, latency_ms: 300) do
        steps = 0
        other = Thread.new { loop { steps += 1 } }
        described_class.plan
        other.kill.join
        # Of a thread that got no turn but at Ruby's own switches there would be a few thousand.
        expect(steps).to be > 100_000
      end
    end

    it "comes to its end beside a thread that is always busy" do
      create_teachers(1_000)
      simulate(contacts: 1_000, page_size: 500) do
        busy = Thread.new { loop { Math.sqrt(2) } }
        expect(described_class.plan.changes.size).to eq(1_000)
      ensure
        busy.kill.join
      end
    end

    it "plans in several threads at once, each with its own connection" do
      create_teachers(50)
      simulate(contacts: 50, page_size: 7, latency_ms: 20) do
        plans = Array.new(4) { job { described_class.plan } }.map(&:value)
        expect(plans.map { |plan| plan.changes.size }).to eq([50] * 4)
        expect(plans.map(&:digest).uniq.size).to eq(1)
      end
    end

    it "leaves no thread of Ruby's behind" do
      create_teachers(1)
      before = Thread.list
      simulate(contacts: 1) { described_class.call }
      expect(Thread.list - before).to be_empty
    end

    next unless kind == :postgresql

    it "writes each change once when several syncs start at once" do
      create_teachers(30)
      sync = small_sync("User")
      simulate(contacts: 30) do
        runs = Array.new(4) { job { sync.call } }.map(&:value)
        expect(runs.sum { |run| run.applied.size }).to eq(30)
        expect(runs.flat_map(&:errors)).to be_empty
      end
      expect(linked.count).to eq(30)
      expect(SecurityLog.count).to eq(30)
    end
  end

  describe "the boundary" do
    using_database :sqlite

    before { create_teachers(2) }

    it "holds under GC.stress", timeout: 400 do
      sync = small_sync("User")
      simulate(contacts: 2) do
        sync.plan # all that is loaded on first use
        GC.stress = 1 # a minor collection at every allocation
        plan = sync.plan
        GC.stress = false
        expect(plan.changes.map(&:action)).to eq(%i[link link])
      ensure
        GC.stress = false
      end
    end

    it "survives a panic in the core" do
      panic = -> { CrmSync::Native.panic_in_the_core(CrmSync::Host.new(CrmSync::Log.new("spec"))) }
      message = "crm_sync has a fault: a panic in the core (asked for by a spec); please report it"
      expect { expect(&panic).to raise_error(CrmSync::InternalError, message) }
        .to output(/panicked/).to_stderr_from_any_process
      expect(simulate { described_class.call.status }).to eq(:applied)
    end

    # In a process of its own: the simulator keeps what it was asked, and other examples leave holes in the heap.
    it "keeps no memory from run to run", timeout: 320 do
      simulate(contacts: 2) do |salesforce|
        result = rails_runner(<<~'RUBY', env: pointing_at(salesforce), timeout: 300)
          6.times do
            100.times { UpdateUserSalesforceInfo.plan }
            GC.start
            puts Integer(File.read("/proc/self/status")[/^VmRSS:\s+(\d+)/, 1])
          end
        RUBY
        # Memory comes in steps, so a single one says nothing; what leaks grows in every round.
        growth = result.stdout.lines.map(&:to_i).each_cons(2).map { |before, after| after - before }
        expect(growth.size).to eq(5)
        expect(growth.min).to be < 1_024 # kB in 100 runs
      end
    end
  end
end
