# frozen_string_literal: true

require "logger"
require_relative "../support/sign_ins"

RSpec.describe CrmSync::Internal::SessionFile do
  subject(:store) { described_class.new(folder: CrmSync::PrivateFolder.new(folder)) }

  let(:folder) { File.join(Scratch.folder, "private") }
  let(:file) { File.join(folder, "session-k.json") }
  let(:lock) { File.join(folder, "session-k.lock") }
  let(:record) { { "access_token" => "T", "at" => 1.5, "chain" => ["a"] } }

  def mode(path)
    File.lstat(path).mode & 0o777
  end

  it "gives back what it was given, by key" do
    expect(store.read("k")).to be_nil
    store.write("k", record)
    expect(store.read("k")).to eq(record)
    expect(store.read("other")).to be_nil
  end

  it "keeps it to its owner, whatever the umask" do
    before = File.umask(0)
    store.synchronize("k") { store.write("k", record) }
    expect([folder, file, lock].map { |path| mode(path) }).to eq([0o700, 0o600, 0o600])
    expect(Dir.children(folder)).to contain_exactly("session-k.json", "session-k.lock")
  ensure
    File.umask(before)
  end

  it "takes what cannot be parsed for no session" do
    store.write("k", record)
    ["", "{", "\xFF\xFE", "\0" * 9].each do |text|
      File.write(file, text)
      expect(store.read("k")).to be_nil
    end
  end

  it "takes nothing that others may read or have written, and replaces it" do
    [0o640, 0o604, 0o620, 0o601].each do |exposed|
      store.write("k", record)
      File.chmod(exposed, file)
      expect(store.read("k")).to be_nil
    end
    store.write("k", record)
    expect(mode(file)).to eq(0o600)
    expect(store.read("k")).to eq(record)
  end

  it "takes nothing that belongs to somebody else" do
    skip "only root can give files away" unless Process.uid.zero?
    store.write("k", record)
    File.chown(65_534, nil, file)
    expect(store.read("k")).to be_nil
    store.write("k", record)
    expect(store.read("k")).to eq(record)
  end

  it "follows no link, and replaces the link only" do
    store.write("k", record)
    elsewhere = File.join(folder, "elsewhere")
    File.rename(file, elsewhere)
    File.symlink(elsewhere, file)
    expect(store.read("k")).to be_nil
    store.write("k", { "access_token" => "new" })
    expect(File.symlink?(file)).to be(false)
    expect(File.read(elsewhere)).to include('"T"')
  end

  it "does not wait for a pipe, nor stumble over a folder" do
    FileUtils.mkdir_p(folder)
    File.mkfifo(file, 0o600)
    expect(store.read("k")).to be_nil
    File.delete(file)
    Dir.mkdir(file)
    expect(store.read("k")).to be_nil
  end

  it "leaves nothing behind when it cannot write" do
    FileUtils.mkdir_p(File.join(file, "full"))
    expect { store.write("k", record) }.to raise_error(SystemCallError)
    expect(Dir.children(folder)).to eq(["session-k.json"])
  end

  it "goes on without a lock where there can be none, and says so" do
    FileUtils.mkdir_p(folder)
    File.symlink(File.join(folder, "elsewhere"), lock)
    text = StringIO.new
    store = described_class.new(folder: CrmSync::PrivateFolder.new(folder), log: Logger.new(text))
    expect(store.synchronize("k") { :done }).to eq(:done)
    expect(text.string).to match(/WARN.*no lock/)
    expect(File.exist?(File.join(folder, "elsewhere"))).to be(false)
  end

  it "lets one in at a time, and lets waiting be interrupted" do
    entered = Queue.new
    go = Queue.new
    holder = Thread.new { store.synchronize("k") { entered.push(true) && go.pop } }
    entered.pop
    waiting = Thread.new { store.synchronize("k") { entered.push(true) } }
    killed = Thread.new { store.synchronize("k") { entered.push(true) } }
    Thread.pass until [waiting, killed].all? { |thread| thread.status == "sleep" }
    expect(store.synchronize("other") { :free }).to eq(:free)
    killed.kill.join
    expect(entered).to be_empty
    go.push(true)
    [holder, waiting].each(&:join)
    expect(entered.size).to eq(1)
  end

  it "frees the lock although a child that was forked meanwhile lives on" do
    pid = nil
    store.synchronize("k") { pid = fork { sleep } }
    expect(store.synchronize("k") { :free }).to eq(:free)
  ensure
    Process.kill("KILL", pid)
    Process.wait(pid)
  end

  it "shows nothing" do
    expect(store.inspect).to eq("#<CrmSync::Internal::SessionFile>")
  end
end
