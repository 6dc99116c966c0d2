# frozen_string_literal: true

require "rails_helper"

# Signals and forks, each in a Rails process of its own against a simulator in this one.
RSpec.describe UpdateUserSalesforceInfo do
  def wait_for_query(salesforce)
    eventually { salesforce.requests.any? { |request| request["query"]&.include?("FROM Contact") } }
  end

  # Ruby for the child, which tells of the moment when its database is read and it waits for Salesforce only.
  def telling_when_it_waits
    'Thread.new { sleep 0.01 until Thread.main.backtrace.grep(/reading\.rb.*finish/).any?; warn "it waits" };'
  end

  def queries(salesforce)
    salesforce.requests.count { |request| request["query"]&.include?("FROM Contact") }
  end

  on_each_database do
    before { create_teachers(3) }

    it "leaves a lone `rails runner` at once on Ctrl-C, and its host can go on" do
      simulate(faults: [{ on: :query, object: "Contact", times: 1, answer: :hang }]) do |salesforce|
        child = start_rails_runner(<<~RUBY, env: pointing_at(salesforce))
          User.transaction do
            User.first.update!(first_name: "Host's")
            #{telling_when_it_waits}
            before = Thread.list
            UpdateUserSalesforceInfo.call
          rescue Interrupt
            puts "interrupted; \#{UpdateUserSalesforceInfo.call.status}; \#{Thread.list - before}"
          end
        RUBY
        wait_for_query(salesforce)
        child.wait_for("it waits")
        child.signal("INT")
        result = child.wait
        expect(result.stdout).to eq("interrupted; applied; []\n")
        expect(result).to be_success
        expect(queries(salesforce)).to eq(2)
      end
      expect(User.where(first_name: "Host's").count).to eq(1)
      expect(linked.count).to eq(3)
    end

    it "works in forks, before and after a run, and children end cleanly" do
      simulate do |salesforce|
        result = rails_runner(<<~RUBY, env: pointing_at(salesforce))
          def in_child
            pid = fork do
              GC.start
              puts "child \#{UpdateUserSalesforceInfo.plan.changes.size}"
              GC.start
            end
            puts "exit \#{Process.wait2(pid).last.exitstatus}"
          end
          in_child
          plan = UpdateUserSalesforceInfo.plan
          in_child
          plan = nil
          puts UpdateUserSalesforceInfo.call.status
          in_child
        RUBY
        expect(result.stdout.lines(chomp: true))
          .to eq(["child 3", "exit 0", "child 3", "exit 0", "applied", "child 0", "exit 0"])
        expect(result.stderr).to eq("")
      end
    end

    it "goes on when its process forks in the middle of a run, and the child can run its own" do
      failure = { error: { status: 500, code: "UNKNOWN_EXCEPTION" } }
      faults = [failure, :hang].map { |answer| { on: :query, object: "Contact", times: 1, answer: } }
      simulate(faults:) do |salesforce|
        env = { **pointing_at(salesforce), "CRM_SYNC_SALESFORCE_READ_TIMEOUT" => "2" }
        result = rails_runner(<<~RUBY, env:)
          waiting = Queue.new # for the second try, of which the first one's failure tells
          CrmSync.configuration.logger = Logger.new(nil)
          CrmSync.logger.define_singleton_method(:warn) { |_| waiting << true }
          run = Thread.new { UpdateUserSalesforceInfo.call }
          waiting.pop
          pid = fork do
            GC.start
            puts "child \#{UpdateUserSalesforceInfo.plan.changes.size}"
            GC.start
          end
          puts "exit \#{Process.wait2(pid).last.exitstatus}"
          puts run.value.status
        RUBY
        expect(result.stdout).to eq("child 3\nexit 0\napplied\n")
        expect(result.stderr).to eq("")
      end
      expect(linked.count).to eq(3)
    end

    it "tells a child that was forked in a callback of its run, and leaves all else to the parent" do
      simulate do |salesforce|
        result = rails_runner(<<~RUBY, env: pointing_at(salesforce))
          child = nil
          CrmSync.configuration.logger = Logger.new(nil)
          sessions = CrmSync.const_get(:Internal)::SessionMemory.new # private
          sessions.define_singleton_method(:read) { |_| (child ||= fork || 0) && nil }
          CrmSync::Salesforce.settings(:default).sessions.instance_variable_set(:@store, sessions)
          begin
            status = UpdateUserSalesforceInfo.call.status
          rescue CrmSync::InternalError => e
            puts "child: \#{e.message[/cannot go on in a fork/]}"
            exit!(0)
          end
          puts "exit \#{Process.wait2(child).last.exitstatus}"
          puts status, UpdateUserSalesforceInfo.runs.map(&:status).inspect
        RUBY
        expect(result.stdout).to eq("child: cannot go on in a fork\nexit 0\napplied\n[:applied]\n"), result.stderr
      end
      expect(linked.count).to eq(3)
    end

    # A log line is written by a thread of its own, which is the only one that such a child has.
    it "ends a child that was forked in a log line of its run, says why, and leaves all else to the parent" do
      failure = { error: { status: 500, code: "UNKNOWN_EXCEPTION" } }
      simulate(faults: [{ on: :query, object: "Contact", times: 1, answer: failure }]) do |salesforce|
        result = rails_runner(<<~RUBY, env: pointing_at(salesforce))
          child = nil
          CrmSync.configuration.logger = Logger.new(nil)
          CrmSync.logger.define_singleton_method(:warn) { |_| child ||= fork || 0 }
          status = UpdateUserSalesforceInfo.call.status
          puts "exit \#{Process.wait2(child).last.exitstatus}"
          puts status, UpdateUserSalesforceInfo.runs.map(&:status).inspect
        RUBY
        expect(result.stdout).to eq("exit 1\napplied\n[:applied]\n"), result.stderr
        expect(result.stderr).to match(/forked while crm_sync wrote a log line .* \(CrmSync::InternalError\)/)
      end
      expect(linked.count).to eq(3)
    end
  end

  describe "signals" do
    using_database :sqlite

    before { create_teachers(3) }

    it "ends by Ctrl-C like any other command, with nothing written" do
      before = everything
      simulate(faults: [{ on: :query, object: "Contact", answer: :hang }]) do |salesforce|
        code = "#{telling_when_it_waits} UpdateUserSalesforceInfo.call"
        child = start_rails_runner(code, env: pointing_at(salesforce))
        wait_for_query(salesforce)
        child.wait_for("it waits")
        child.signal("INT")
        expect(child.wait.status.termsig).to eq(Signal.list["INT"])
      end
      expect(everything).to eq(before)
    end

    it "goes on through a signal whose handler raises nothing" do
      simulate(faults: [{ on: :query, object: "Contact", times: 1, answer: :hang }]) do |salesforce|
        env = { **pointing_at(salesforce), "CRM_SYNC_SALESFORCE_READ_TIMEOUT" => "1" }
        child = start_rails_runner(<<~RUBY, env:)
          trap("USR1") { puts "signal" }
          puts UpdateUserSalesforceInfo.call.status
        RUBY
        wait_for_query(salesforce)
        child.signal("USR1")
        expect(child.wait.stdout).to eq("signal\napplied\n")
      end
      expect(linked.count).to eq(3)
    end
  end

  describe "a simulator" do
    using_database :sqlite

    it "stays its parent's when the process forks" do
      create_teachers(3)
      result = rails_runner(<<~RUBY)
        require "crm_sync/testing"
        contacts = [{ "Id" => "#{contact_id(1)}", "Email" => "teacher1@example.edu" }]
        salesforce = CrmSync::Testing::Salesforce.start(records: { "Contact" => contacts, "Lead" => [] })
        pid = fork do
          puts "child \#{UpdateUserSalesforceInfo.plan.changes.size}"
          salesforce.requests rescue puts $!.message
          salesforce.stop rescue nil
          salesforce = nil
          GC.start
        end
        puts "exit \#{Process.wait2(pid).last.exitstatus}"
        puts UpdateUserSalesforceInfo.plan.changes.size
        salesforce.stop
      RUBY
      said = ["child 1", "the simulator runs in the process that started it", "exit 0", "1"]
      expect(result.stdout.lines(chomp: true)).to eq(said)
      expect(result.stderr).to eq("")
    end
  end
end
