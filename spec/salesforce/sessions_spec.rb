# frozen_string_literal: true

require "json"
require "logger"
require "yaml"
require_relative "../support/sign_ins"

RSpec.describe CrmSync::Internal::Sessions do
  def sessions(org, store: self.store, **options)
    described_class.new(key: "k", store:, sign_in: org.to_proc, **options)
  end

  def record(token, at: Time.now.to_f, **more)
    { "access_token" => token, "instance_url" => FakeOrg::URL, "at" => at, **more.transform_keys(&:to_s) }
  end

  let(:store) { HashStore.new }
  let(:org) { FakeOrg.new }

  it "signs in once and remembers it" do
    ours = sessions(org)
    expect(Array.new(3) { ours.open }).to all(eq(["T1", FakeOrg::URL]))
    expect(sessions(org).open("T0")).to eq(["T1", FakeOrg::URL])
    expect(org.used).to eq([nil])
    expect(store.synchronized).to eq(1)
  end

  it "signs in again when the session has ended, but not when another one has been opened since" do
    ours = sessions(org)
    theirs = sessions(org)
    expect([ours.open.first, theirs.open.first]).to eq(%w[T1 T1])
    expect(ours.open("T1").first).to eq("T2")
    expect(ours.open("T1").first).to eq("T2")
    expect(theirs.open("T1").first).to eq("T2")
    expect(org.used.size).to eq(2)
  end

  it "takes no session from the store that is too old or from the future" do
    [-1, 1].each do |direction|
      store.write("k", record("T", at: Time.now.to_f + (direction * ((12 * 3_600) + 60))))
      expect(sessions(org).open.first).to match(/\AT\d\z/)
    end
    store.write("k", record("T", at: Time.now.to_f - (12 * 3_600) + 60))
    expect(sessions(org).open.first).to eq("T")
  end

  it "takes nothing from the store that is not a session" do
    [nil, "x", [], {}, record(nil), record(""), record("T", at: "x"), record("T", chain: 1),
     record("T", refresh_token: 1), record("T", instance_url: nil)].each do |given|
      store.write("k", given)
      expect(sessions(FakeOrg.new).open.first).to eq("T1"), given.inspect
    end
  end

  it "does not take an answer that holds no session" do
    [{}, { access_token: "T" }, { access_token: "", instance_url: "x" }].each do |answer|
      expect { described_class.new(key: "k", store:, sign_in: ->(_) { answer }).open }
        .to raise_error(CrmSync::InternalError)
    end
    expect(store.records).to be_empty
  end

  it "lets many threads in with one sign-in, each time" do
    ours = sessions(org)
    together = ->(ended) { Array.new(20) { Thread.new { ours.open(ended) } }.map { |thread| thread.value.first } }
    expect(together[nil]).to all(eq("T1"))
    expect(together["T1"]).to all(eq("T2"))
    expect(org.used.size).to eq(2)
  end

  it "tells all threads that wait for a sign-in that it has failed, and asks once" do
    failing = FakeOrg.new(valid: "never")
    entered, go_on = Array.new(2) { Queue.new }
    sign_in = ->(token) { [entered.push(true), go_on.pop] && failing.sign_in(token) }
    ours = described_class.new(key: "k", store:, sign_in:)
    refused = raise_error(CrmSync::AuthenticationError, /expired/)
    threads = Array.new(5) { Thread.new { expect { ours.open }.to refused } }
    entered.pop
    Timeout.timeout(20) { Thread.pass until threads.all?(&:stop?) }
    go_on.push(true).close
    threads.each(&:join)
    expect(failing.used.size).to eq(1)
  end

  it "leaves the way free for the next when a sign-in fails or is interrupted" do
    failing = FakeOrg.new(valid: "never")
    2.times { expect { sessions(failing).open }.to raise_error(CrmSync::AuthenticationError) }

    entered = Queue.new
    answers = [->(_) { entered.push(true) && sleep }, org.to_proc]
    ours = described_class.new(key: "k", store:, sign_in: ->(token) { answers.shift.call(token) })
    thread = Thread.new { ours.open }
    entered.pop
    thread.kill.join
    expect(ours.open.first).to eq("T1")
  end

  it "goes on alone when the store takes nothing, and says so once" do
    def store.write(_key, _record) = raise(Errno::EROFS, "folder")
    text = StringIO.new
    ours = sessions(org, log: Logger.new(text))
    expect([ours.open, ours.open, ours.open("T0")].map(&:first)).to all(eq("T1"))
    expect(text.string.scan(/WARN.*could not be stored.*Read-only file system/).size).to eq(1)
    store.records["k"] = record("old")
    expect(ours.open("T1").first).to eq("T2")
  end

  it "can be left while the store does not return" do
    entered = Queue.new
    store.define_singleton_method(:write) { |_key, _record| entered.push(true) && sleep }
    ours = sessions(org)
    thread = Thread.new { ours.open }
    entered.pop
    expect(thread.kill.join(30)).to eq(thread)
    expect(ours.open.first).to eq("T1")
  end

  it "signs in anew for a stored session that cannot be sent" do
    ["T\r\nX: 1", "T\n", "T\0", "T 1", "\xFF"].each do |token|
      store.write("k", record(token))
      expect(sessions(FakeOrg.new).open.first).to eq("T1")
    end
  end

  it "logs, shows and dumps no secret" do
    text = StringIO.new
    store.define_singleton_method(:write) { |_key, record| raise record.to_s }
    ours = sessions(FakeOrg.new(valid: "R0", rotate: true), refresh_token: "R0", log: Logger.new(text))
    ours.open
    expect(text.string).to include("the session could not be stored")
    shown = [text.string, ours.inspect, ours.pretty_inspect, JSON.generate(ours.as_json)].join
    expect(shown).not_to match(/\b[TR]\d\b/)
    expect { Marshal.dump(ours) }.to raise_error(CrmSync::NotDumpable)
    expect { ours.to_yaml }.to raise_error(CrmSync::NotDumpable)
  end

  describe "with refresh tokens that can be used once" do
    let(:org) { FakeOrg.new(rotate: true, valid: "R0") }

    def rotating(**options)
      sessions(org, refresh_token: "R0", **options)
    end

    it "uses the newest, in whichever process" do
      expect(rotating.open.first).to eq("T1")
      expect(rotating.open("T1").first).to eq("T2")
      first = rotating
      expect(first.open("T2").first).to eq("T3")
      expect(rotating.open("T3").first).to eq("T4")
      expect(first.open("T3").first).to eq("T4")
      expect(first.open("T4").first).to eq("T5")
      expect(org.used).to eq(%w[R0 R1 R2 R3 R4])
    end

    it "remembers the newest when the session is old, and when the store forgets" do
      ours = rotating
      ours.open
      store.records["k"] = { **store.records["k"], "at" => 0 }
      expect(rotating.open.first).to eq("T2")
      expect(ours.open("T1").first).to eq("T2")
      store.records.clear
      expect(ours.open("T2").first).to eq("T3")
      expect(org.used).to eq(%w[R0 R1 R2])
    end

    it "uses the newest for a stored session that cannot be sent" do
      rotating.open
      store.records["k"] = { **store.records["k"], "access_token" => "T\r1" }
      expect(rotating.open.first).to eq("T2")
      expect(org.used).to eq(%w[R0 R1])
    end

    it "hands over each new one, after it has been stored" do
      given = []
      callback = ->(token) { given << [token, store.records["k"]["refresh_token"]] }
      rotating(on_refresh_token: callback).open
      rotating(on_refresh_token: callback).open("T1")
      rotating(on_refresh_token: callback).open
      expect(given).to eq([%w[R1 R1], %w[R2 R2]])
    end

    it "keeps the session when it cannot be handed over" do
      ours = rotating(on_refresh_token: ->(_) { raise IOError, "the app's" })
      expect { ours.open }.to raise_error(IOError, "the app's")
      expect([ours, rotating].map(&:open)).to all(eq(["T1", FakeOrg::URL]))
    end

    it "stores it and hands it over also when the thread is killed just then" do
      def store.write(key, record)
        Thread.new(Thread.current, &:kill).join
        super
      end
      given = []
      Thread.new { rotating(on_refresh_token: ->(token) { given << token }).open }.join
      expect(given).to eq(["R1"])
      expect(rotating.open.first).to eq("T1")
    end

    it "lets the app's own code start threads that can be ended" do
      ended = nil
      rotating(on_refresh_token: ->(_) { ended = Thread.new { sleep }.kill.join(60) }).open
      expect(ended).to be_a(Thread)
    end

    it "uses one that somebody has configured anew, whatever is stored" do
      rotating.open
      org.authorize("S0")
      given = []
      anew = sessions(org, refresh_token: "S0", on_refresh_token: ->(token) { given << token })
      expect(anew.open.first).to eq("T2")
      expect(sessions(org, refresh_token: "S0").open("T2").first).to eq("T3")
      expect(org.used).to eq(%w[R0 S0 R2])
      expect(given).to eq(%w[R2])
    end

    it "knows those that the app has kept and gives back, early or late" do
      rotating.open
      expect(sessions(org, refresh_token: "R1").open.first).to eq("T1")
      expect(sessions(org, refresh_token: "R1").open("T1").first).to eq("T2")
      expect(rotating.open("T2").first).to eq("T3")
      expect(sessions(org, refresh_token: "R2").open("T3").first).to eq("T4")
      expect(org.used).to eq(%w[R0 R1 R2 R3])
    end

    it "remembers how it began, however long it goes on" do
      250.times { |n| rotating.open("T#{n}") }
      expect(org.used.last).to eq("R249")
      expect(store.records["k"]["chain"].size).to eq(200)
      expect(sessions(org, refresh_token: "R249").open("T250").first).to eq("T251")
      expect(store.records["k"].to_s).not_to include("R0")
    end

    it "does not use the configured one when the newest is refused: that could end all sessions" do
      rotating.open
      org.authorize("elsewhere")
      expect { rotating.open("T1") }.to raise_error(CrmSync::AuthenticationError)
      expect(org.used).to eq(%w[R0 R1])
    end
  end

  it "keeps no refresh token in the store that stays the same" do
    sessions(FakeOrg.new(valid: "R0"), refresh_token: "R0").open
    expect(store.records["k"].to_s).not_to include("R0")
  end

  describe "with several processes" do
    let(:folder) { Scratch.folder }
    let(:script) { <<~'RUBY' }
      support, folder, dies = ARGV
      require support
      sign_in = lambda do |_|
        File.write("#{folder}/sign-in-#{$$}", "")
        sleep if dies
        sleep 0.01 until Dir["#{folder}/here-*"].size == 3 # so that the others are about to sign in too
        { access_token: "T#{$$}", instance_url: "https://i.example" }
      end
      store = CrmSync::Internal::SessionFile.new(folder: CrmSync::PrivateFolder.new(folder))
      sessions = CrmSync::Internal::Sessions.new(key: "k", store: store, sign_in: sign_in)
      File.write("#{folder}/here-#{$$}", "")
      puts sessions.open.first
    RUBY

    def start(*dies)
      support, lib = %w[../support/sign_ins ../../lib].map { |path| File.expand_path(path, __dir__) }
      start_command(RbConfig.ruby, "-I", lib, "-e", script, support, folder, *dies, chdir: folder)
    end

    # The processes have no database. Some versions of Active Record look at the address when they are loaded.
    def database_url = nil

    it "signs in once when they start together" do
      tokens = Array.new(3) { start }.map { |child| child.wait.stdout }
      expect(Dir["#{folder}/sign-in-*"].size).to eq(1)
      expect(tokens.uniq.size).to eq(1)
      expect(tokens.first).to match(/\AT\d+\n\z/)
    end

    it "goes on after one that died while it signed in" do
      dying = start("dies")
      sleep 0.01 until File.exist?(File.join(folder, "sign-in-#{dying.pid}"))
      dying.signal("KILL")
      ours = sessions(org, store: CrmSync::Internal::SessionFile.new(folder: CrmSync::PrivateFolder.new(folder)))
      expect(ours.open.first).to eq("T1")
      expect(dying.wait).not_to be_success
    end

    it "works in a child that was forked while another thread signed in" do
      asked = Queue.new
      go = Queue.new
      slow = ->(_) { asked.push(true) && go.pop && org.sign_in(nil) }
      store = CrmSync::Internal::SessionFile.new(folder: CrmSync::PrivateFolder.new(folder))
      ours = described_class.new(key: "k", store:, sign_in: slow)
      thread = Thread.new { ours.open }
      asked.pop
      reader, writer = IO.pipe
      pid = fork do
        reader.close
        writer.write(ours.open.first)
      ensure
        writer.close
        exit!(true)
      end
      writer.close
      go.push(true)
      expect(thread.value.first).to eq("T1")
      expect(reader.read).to eq("T1")
    ensure
      Process.wait(pid) if pid
      reader&.close
    end
  end
end
