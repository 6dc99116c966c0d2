# frozen_string_literal: true

require "rails_helper"

# A run keeps others of its sync out, in processes of their own.
RSpec.describe "the lock of a contact sync" do
  rounds = Integer(ENV.fetch("CRM_SYNC_LOCK_ROUNDS", "4"), 10)

  # The code of each child, which tells where it is and goes on when a file appears. Its rows name its process.
  racing = <<~RUBY
    on = ->(name) { sleep 0.001 until File.exist?(File.join(ENV.fetch("RACE_FOLDER"), name)) }
    round = nil
    RaceSync = Class.new(CrmSync::ContactSync)
    RaceSync.contacts "Contact"
    RaceSync.model "User", foreign_key: :salesforce_contact_id
    RaceSync.match_by(:contact_infos, column: :value, to: %w[Email]) { trust :verified }
    RaceSync.attribute :faculty_status, from: "Faculty_Verified__c", map: { "Confirmed" => :confirmed_faculty }
    RaceSync.after_transition :faculty_status, to: :confirmed_faculty do |user, _|
      SecurityLog.create!(user: user, event_type: :faculty_verified, remote_ip: Process.pid)
      on["end \#{round}"]
    end
    RaceSync.write_back "Fax", with: :uuid, on: { faculty_status: :confirmed_faculty }
    #{rounds}.times do |number|
      round = number
      puts "ready \#{round}"
      on["start \#{round}"]
      puts "\#{round} \#{RaceSync.call}"
    end
  RUBY

  # Starts a child that shares nothing with others but the database and Salesforce.
  def racer(code, salesforce)
    folder = Dir.mktmpdir(nil, scratch)
    own = { "TMPDIR" => folder, "CRM_SYNC_STATE_DIR" => File.join(folder, "state"), "DUMMY_FOLDER" => folder,
            "RACE_FOLDER" => scratch }
    start_rails_runner(code, env: { **pointing_at(salesforce), **own })
  end

  # One of the two, and the other one.
  def winner_and_loser(racers, round)
    loser = eventually { racers.find { |child| child.stdout[/^#{round} skipped/] } }
    [(racers - [loser]).first, loser]
  end

  # Runs the sync after a kill. A file is free by then; PostgreSQL hears of the end of a connection a moment later.
  def next_run(kind)
    return UpdateUserSalesforceInfo.call if kind == :sqlite

    eventually { (run = UpdateUserSalesforceInfo.call).status != :skipped && run }
  end

  on_each_database do |kind|
    it "lets one of two write that start at once, and the other names it, #{rounds} times",
       timeout: 120 + (rounds * 10) do
      create_teachers(3)
      simulate(contacts: 3) do |salesforce|
        racers = Array.new(2) { racer(racing, salesforce) }
        rounds.times do |round|
          racers.each { |child| child.wait_for(/^ready #{round}$/) }
          Databases.empty
          create_teachers(3)
          seen = [salesforce.requests.size, writes_to(salesforce).size]
          FileUtils.touch(File.join(scratch, "start #{round}"))
          winner, loser = winner_and_loser(racers, round)
          FileUtils.touch(File.join(scratch, "end #{round}"))
          winner.wait_for(/^#{round} applied: 3 link/)
          expect(loser.stdout[/^#{round} skipped.*/])
            .to match(/another run of this sync is under way \(process #{winner.pid} on .*, since 20\S+ \S+ UTC\)\z/)
          asked = salesforce.requests.drop(seen.first)
          expect(asked.filter_map { |request| request["query"] }.size).to eq(1)
          expect(writes_to(salesforce).drop(seen.last).map(&:first)).to match_array([1, 2, 3].map { |n| contact_id(n) })
          expect(SecurityLog.pluck(:remote_ip)).to eq([winner.pid.to_s] * 3)
        end
        racers.each { |child| expect(child.wait).to be_success }
      end
    end

    { "reads" => [[{ on: :query, object: "Contact", times: 1, answer: :hang }], 0],
      "writes back" => [[{ on: :update, times: 1, answer: :hang }], 3] }.each do |what, (faults, written)|
      it "is free at once when a run is killed that #{what}" do
        create_teachers(3)
        simulate(faults:) do |salesforce|
          child = racer("UpdateUserSalesforceInfo.call", salesforce)
          method = written.zero? ? "GET" : "PATCH"
          eventually { salesforce.requests.any? { |request| request["method"] == method } }
          expect(UpdateUserSalesforceInfo.call.to_s).to match(/\Askipped: .*\(process #{child.pid} on /)
          child.kill
          run = next_run(kind)
          expect(run.applied.size).to eq(3 - written)
          expect(writes_to(salesforce).map(&:first).uniq.size).to eq(3)
        end
        expect([linked.count, SecurityLog.count, CrmSync::OutboxRow.count]).to eq([3, 3, 0])
      end
    end

    it "is free at once when a run is killed in the middle of a write" do
      create_teachers(3)
      simulate do |salesforce|
        child = racer(<<~RUBY, salesforce)
          SecurityLog.after_create { (warn "writing") || sleep(30) if SecurityLog.count == 2 }
          UpdateUserSalesforceInfo.call
        RUBY
        child.wait_for("writing")
        expect(UpdateUserSalesforceInfo.call.status).to eq(:skipped)
        child.kill
        # Usually all three: they are of one batch, unless its time was up before.
        left = 3 - linked.count
        expect(left).to be_between(1, 3)
        expect(next_run(kind).summary).to include(status: :applied, applied: { link: left })
      end
      expect([linked.count, SecurityLog.count, CrmSync::OutboxRow.count]).to eq([3, 3, 0])
    end

    describe "a run that is skipped" do
      # Makes the block find the lock held by another thread's run.
      def while_held(sync)
        held = Queue.new
        go = Queue.new
        lock = CrmSync::Lock.for(sync.name, User)
        holder = job { lock.hold(held: ->(_) { raise "it is held" }) { held.push(true) && go.pop } }
        held.pop
        yield
      ensure
        go.push(true)
        holder.join
      end

      before { create_teachers(3) }

      it "has done nothing, says so in one line, and reports no problem" do
        sync = small_sync("User")
        sync.report_problems { raise "reported" }
        simulate do |salesforce|
          run = nil
          lines = logged { while_held(sync) { run = sync.call(allow_error_email: true) } }
          expect(run).to have_attributes(status: :skipped, plan: nil, issues: [], problems: [], applied: [], errors: [])
          expect(run.summary).to eq(status: :skipped, applied: {}, held: 0, stale: 0, errors: 0, issues: 0)
          expect(run.ledger.books).to eq({})
          expect(run.to_s)
            .to match(/\Askipped: nothing done, because .* \(process #{Process.pid} on \S+, since 20.* UTC\)\z/)
          expect(run.inspect).to include("skipped")
          expect(lines.lines.grep_v(/DEBUG/)).to match([/INFO.*SmallSync: skipped: nothing done/])
          expect(salesforce.requests).to be_empty
        end
      end

      it "raises with call!" do
        sync = small_sync("User")
        simulate do
          while_held(sync) do
            expect { sync.call! }
              .to raise_error(CrmSync::Locked, /\ASmallSync was skipped: .* \(process #{Process.pid} on /)
          end
          expect(sync.call!.status).to eq(:applied)
        end
      end

      it "can be one of a plan, which may be applied later; planning and explaining go on" do
        sync = small_sync("User")
        simulate do
          while_held(sync) do
            plan = sync.plan
            expect(sync.explain(User.first)).to include("planned: link")
            run = nil
            lines = logged { run = plan.apply }
            expect(run).to have_attributes(status: :skipped, plan:, applied: [])
            expect(run.ledger[:changes].buckets.select { |_, count| count.positive? }).to eq(skipped: 3)
            expect(lines).to match(/INFO.*skipped/)
          end
          expect(linked.count).to eq(0)
          expect(sync.plan.apply.status).to eq(:applied)
        end
      end

      it "is not the run of the same sync that a hook starts" do
        inner = again = nil
        sync = small_sync("User") { again || ((again = true) && (inner = sync.call)) }
        outer = nil
        simulate { outer = sync.call }
        expect(outer.summary).to include(status: :applied, applied: { link: 1 }, done_already: 2)
        expect(inner.summary).to include(status: :applied, applied: { link: 2 })
      end
    end

    it "ends a run that has lost it, before the next write" do
      create_teachers(3)
      lose = { sqlite: -> { File.delete(*Dir[File.join(Scratch::ROOT, "*", "*-smallsync-*.lock")]) },
               postgresql: -> { User.connection.reconnect! } }.fetch(kind)
      times = 0
      stub_const("Losing", Class.new(User) { after_commit { lose.call if (times += 1) == 2 } })
      Losing.has_many :contact_infos, foreign_key: :user_id
      sync = small_sync("Losing")
      sync.write :records, batch: 2
      simulate do
        expect { sync.call }.to raise_error(CrmSync::Locked, /lost its lock: .* nothing more is written/)
        expect([linked.count, SecurityLog.count]).to eq([2, 2])
        expect(sync.call.summary).to include(status: :applied, applied: { link: 1 })
      end
    end

    next unless kind == :postgresql

    it "ends with the connection, and the next run takes another" do
      create_teachers(4)
      times = 0
      sync = small_sync("User") do
        next unless (times += 1) == 4 # of the second batch, the second one

        mine = User.connection.select_value("SELECT pg_backend_pid()")
        job { User.connection.execute("SELECT pg_terminate_backend(#{mine})") }.join
        look = "SELECT COUNT(*) FROM pg_stat_activity WHERE pid = #{mine}"
        eventually { job { User.connection.select_value(look) }.value.zero? }
      end
      sync.write :records, batch: 2
      simulate do
        expect { sync.call }.to raise_error(ActiveRecord::ActiveRecordError)
        expect(linked.count).to eq(2)
        expect(sync.call.summary).to include(status: :applied, applied: { link: 2 })
      end
    end
  end
end
