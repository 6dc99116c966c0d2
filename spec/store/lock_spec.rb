# frozen_string_literal: true

require "rails_helper"

# Two runs of one sync never overlap.
RSpec.describe CrmSync::Lock do
  # The result of one who does not get in because somebody else is in.
  out = ->(holder) { [:out, holder&.to_s] }

  def here
    "process #{Process.pid} on #{Socket.gethostname}, since "
  end

  # Gets in, from a forked child; is killed when the block ends.
  def held_elsewhere(lock)
    reader, writer = IO.pipe
    pid = fork do
      writer.puts(lock.hold(held: ->(_) { "out" }) { (writer << "in\n") && sleep })
    ensure
      exit!
    end
    expect(reader.gets).to eq("in\n")
    yield pid
  ensure
    kill(pid)
    wait_until_free(lock)
  end

  # PostgreSQL hears of a killed holder's session a moment later, and the next example takes the same lock.
  def wait_until_free(lock)
    eventually { lock.hold(held: ->(_) {}) { true } }
  end

  # Returns the result of the work in a forked child.
  def in_child(&work)
    reader, writer = IO.pipe
    pid = fork do
      writer.write(Marshal.dump(work.call))
      writer.close
    ensure
      exit!
    end
    writer.close
    Marshal.load(reader.read) # rubocop:disable Security/MarshalLoad
  ensure
    Process.wait(pid)
  end

  def kill(pid)
    Process.kill("KILL", pid)
    Process.wait(pid)
  end

  shared_examples "a lock" do
    # Returns whether somebody else could get in; PostgreSQL hears of a killed holder's session a moment later.
    def free_for_others?
      eventually { in_child { lock.hold(held: ->(_) { :out }) { :in } } == :in }
    end

    it "gives what the block gives" do
      expect(lock.hold(held: out) { :done }).to eq(:done)
      expect(lock.hold(held: out) { :done }).to eq(:done)
    end

    it "keeps out another process, and tells who has it" do
      held_elsewhere(lock) do |pid|
        holder = lock.hold(held: ->(found) { found }) { raise "got in" }
        expect(holder.to_s).to match(/\Aprocess #{pid} on #{Regexp.escape(Socket.gethostname)}, since 20\S+ \S+ UTC\z/)
      end
    end

    it "is free at once when its holder is killed" do
      held_elsewhere(lock) { nil }
      expect(eventually { lock.hold(held: ->(_) {}) { :in } }).to eq(:in)
    end

    it "lets its own thread in again, and keeps it until the outer block ends" do
      lock.hold(held: out) do
        expect(lock.hold(held: out) { :in }).to eq(:in)
        expect(same_lock.hold(held: out) { :in }).to eq(:in)
        expect(in_child { same_lock.hold(held: out) { :in } }).to match([:out, start_with(here)])
      end
      expect(free_for_others?).to be(true)
    end

    it "keeps out other threads of the process, also over one connection" do
      lock.hold(held: out) do
        expect(job { same_lock.hold(held: out) { :in } }.value).to match([:out, start_with(here)])
        expect(Thread.new { lock.hold(held: out) { :in } }.value).to match([:out, start_with(here)])
      end
      expect(job { same_lock.hold(held: out) { :in } }.value).to eq(:in)
    end

    it "is waited for only as long as is said, and is got when it becomes free" do
      held_elsewhere(lock) do |pid|
        expect(same_lock.hold(held: out, wait: 0.2) { :in }).to match([:out, /process #{pid} /])
        waiting = job { same_lock.hold(held: out, wait: 60) { :in } }
        Process.kill("KILL", pid)
        expect(waiting.value).to eq(:in)
      end
    end

    it "can be interrupted while it is waited for" do
      held_elsewhere(lock) do
        expect { Timeout.timeout(0.2) { same_lock.hold(held: out, wait: 60) { :in } } }.to raise_error(Timeout::Error)
      end
      expect(free_for_others?).to be(true)
    end

    { "an error" => -> { raise ArgumentError, "on purpose" }, "a throw" => -> { throw :enough },
      "a deadline" => -> { Timeout.timeout(0.01) { sleep } } }.each do |what, ending|
      it "is released by #{what}" do
        catch(:enough) { lock.hold(held: out, &ending) }
      rescue ArgumentError, Timeout::Error => e
        expect(e).to be_a(what == "an error" ? ArgumentError : Timeout::Error)
      ensure
        expect(free_for_others?).to be(true)
      end
    end

    it "is released by Thread#kill" do
      entered = Queue.new
      thread = job { lock.hold(held: out) { entered.push(true) && sleep } }
      entered.pop
      thread.kill.join
      expect(free_for_others?).to be(true)
    end

    it "is not its child's, whose end releases nothing" do
      lock.hold(held: out) do
        unless (pid = fork)
          begin
            lock.check
          rescue described_class::Lost
            throw :child # through the block of its parent's
          end
        end
        Process.wait(pid)
        expect(in_child { same_lock.hold(held: out) { :in } }).to match([:out, start_with(here)])
        expect { lock.check }.not_to raise_error
      end
    rescue UncaughtThrowError
      exit!
    end

    it "does not stay with a child that outlives its killed parent" do
      reader, writer = IO.pipe
      held = fork do
        lock.hold(held: out) { (writer << "#{fork { sleep }}\n") && sleep }
      ensure
        exit!
      end
      child = reader.gets.to_i
      kill(held)
      expect(free_for_others?).to be(true)
    ensure
      Process.kill("KILL", child)
    end
  end

  on_each_database do |kind|
    let(:lock) { described_class.for("Some::Sync", User) }
    let(:same_lock) { described_class.for("Some::Sync", User) }

    it_behaves_like "a lock"

    it "does not keep out another sync" do
      other = described_class.for("Some::OtherSync", User)
      held_elsewhere(lock) { expect(other.hold(held: out) { :in }).to eq(:in) }
    end

    it "does not keep out those who send write-backs, who have another" do
      lock = described_class.for("Sent::Sync", User)
      sending = Array.new(2) { described_class.for_sending("Sent::Sync", User) }
      lock.hold(held: out) do
        held_elsewhere(sending.first) { |pid| expect(sending.last.hold(held: out) { :in }).to match([:out, /#{pid}/]) }
      end
    end

    it "asks the database also where queries are cached" do
      User.cache do
        expect(lock.hold(held: out) { :in }).to eq(:in)
        held_elsewhere(same_lock) { expect(lock.hold(held: out) { :in }).to match([:out, /process/]) }
      end
    end

    it "works in a transaction of the host's, and leaves that alone" do
      User.transaction do
        create_user(first_name: "Host's")
        2.times { expect(lock.hold(held: out) { :in }).to eq(:in) }
        held = held_elsewhere(described_class.for("Some::OtherSync", User)) do
          described_class.for("Some::OtherSync", User).hold(held: out) { :in }
        end
        expect(held).to match([:out, /process/])
      end
      expect(User.where(first_name: "Host's").count).to eq(1)
      expect(in_child { lock.hold(held: out) { :in } }).to eq(:in)
    end

    if kind == :sqlite
      it "lies beside the database, for its owner alone, and names nobody when it is free" do
        lock.hold(held: out) { nil }
        database = ActiveRecord::Base.connection.select_rows("PRAGMA database_list").first.last
        found = Dir["#{database}-crm_sync-some-sync-*"]
        expect(found).to match([/-\h{16}\.lock\z/])
        expect(File.stat(found.first)).to have_attributes(mode: 0o100600, size: 0)
      end
    else
      it "stays until the host's transaction has ended" do
        User.transaction do
          lock.hold(held: out) { :in }
          expect(in_child { same_lock.hold(held: out) { :in } })
            .to match([:out, /\Asession \d+ of PostgreSQL, since 20\S+ \S+ UTC\z/])
        end
        expect(in_child { same_lock.hold(held: out) { :in } }).to eq(:in)
      end

      it "is not waited for again because of the holder's name, which nobody writes in a transaction" do
        User.transaction do
          lock.hold(held: out) { :in }
          looks = in_child do
            seen = []
            ActiveSupport::Notifications.subscribe("sql.active_record") { |*, about| seen << about[:sql] }
            same_lock.hold(held: out, wait: 0.01) { :in }
            seen.grep(/SELECT name, value FROM "crm_sync_states"/)
          end
          expect(looks.size).to eq(1)
        end
      end

      it "lets the error be seen that ends the host's transaction, and goes with that" do
        User.transaction do
          expect { lock.hold(held: out) { User.connection.execute("SELECT 1 / 0") } }
            .to raise_error(ActiveRecord::StatementInvalid, /division by zero/)
          raise ActiveRecord::Rollback
        end
        expect(in_child { same_lock.hold(held: out) { :in } }).to eq(:in)
        expect(lock.hold(held: out) { :in }).to eq(:in)
      end

      it "goes with its session where it cannot be given back" do
        before = User.connection.select_value("SELECT pg_backend_pid()")
        held = lock.hold(held: out) do
          User.connection.begin_transaction(joinable: false)
          expect { User.connection.execute("SELECT 1 / 0") }.to raise_error(ActiveRecord::StatementInvalid)
          :in
        end
        expect(held).to eq(:in)
        expect(User.connection.select_value("SELECT pg_backend_pid()")).not_to eq(before)
        eventually { in_child { lock.hold(held: out) { :in } } == :in }
      end
    end
  end

  context "with PostgreSQL and without the migration" do
    using_database :postgresql, fresh: true

    it "names the session that has it where nothing else is known" do
      ActiveRecord::Base.connection.drop_table(:crm_sync_states)
      before = CrmSync.configuration.state_dir
      lock = described_class.for("Some::Sync", User)
      CrmSync.configuration.state_dir = File.join(scratch, "theirs")
      held_elsewhere(lock) do
        CrmSync.configuration.state_dir = File.join(scratch, "ours")
        expect(lock.hold(held: out) { :in }).to match([:out, /\Asession \d+ of PostgreSQL, since 20\S+ \S+ UTC\z/])
      end
    ensure
      CrmSync.configuration.state_dir = before
    end
  end

  context "without a database" do
    around do |example|
      before = CrmSync.configuration.state_dir
      CrmSync.configuration.state_dir = File.join(scratch, "state")
      example.run
    ensure
      CrmSync.configuration.state_dir = before
    end

    let(:lock) { described_class.for("Some::Sync", nil) }
    let(:same_lock) { described_class.for("Some::Sync", nil) }
    let(:file) { Dir[File.join(scratch, "state", "crm_sync", "*")].first }

    it_behaves_like "a lock"

    it "believes nothing that the file says of its holder" do
      lock.hold(held: out) { nil }
      ["{", "[]", "\xFF", JSON.generate("who" => "process \e[31m1 on web\n", "since" => nil)].each do |text|
        File.write(file, text)
        expect(lock.hold(held: out) { :in }).to eq(:in)
        File.open(file) do |theirs|
          theirs.flock(File::LOCK_EX)
          File.write(file, text)
          told = ("process [31m1 on web" if text.include?("who"))
          expect(lock.hold(held: out) { :in }).to eq([:out, told])
        end
      end
    end

    it "says what to do where there can be no file" do
      lock.hold(held: out) { nil }
      File.rename(file, "#{file}.away")
      File.symlink("#{file}.away", file)
      expect { lock.hold(held: out) { nil } }
        .to raise_error(CrmSync::ConfigurationError, /some-sync-\h{16}\.lock cannot be locked.*let the user/)
    end

    it "is lost with its file" do
      lock.hold(held: out) do
        lock.check
        File.delete(file)
        expect { lock.check }.to raise_error(CrmSync::Locked, /has lost its lock/)
      end
    end
  end

  context "with a database in memory" do
    let(:model) do
      stub_const("Memorized", Class.new(ActiveRecord::Base)).tap do |model|
        model.establish_connection(adapter: "sqlite3", database: ":memory:")
      end
    end

    after { model.remove_connection }

    it "keeps threads apart, and nobody else" do
      lock = described_class.for("Some::Sync", model)
      lock.hold(held: out) do
        lock.check
        expect(Thread.new { lock.hold(held: out) { :in } }.value).to match([:out, start_with(here)])
        expect(in_child { lock.hold(held: out) { :in } }).to eq(:in)
      end
    end
  end
end
