# frozen_string_literal: true

require "crm_sync"

# The folder for state is ours alone, whoever may write beside it; and what killed runs have left in it goes.
RSpec.describe CrmSync::StateFolder do
  subject(:folder) { described_class.new(shared) }

  let(:shared) { File.join(scratch, "shared") }
  let(:own) { File.join(shared, "crm_sync") }

  before do
    Dir.mkdir(shared)
    File.chmod(0o770, shared)
  end

  def mode(path)
    File.stat(path).mode & 0o7777
  end

  # A process that has ended.
  def ended
    Process.wait(pid = fork { exit!(0) })
    pid
  end

  it "is a folder of our own in one that is there" do
    umask = File.umask(0)
    folder.write("a", "text")
    expect([mode(shared), mode(own), mode(File.join(own, "a"))]).to eq([0o770, 0o700, 0o600])
    expect(Dir.children(shared)).to eq(["crm_sync"])
    expect(folder.open("a", &:read)).to eq("text")
  ensure
    File.umask(umask)
  end

  it "is where the configuration says" do
    CrmSync.configuration.state_dir = shared
    expect(CrmSync::PrivateFolder.state.path("a")).to eq(File.join(own, "a"))
  ensure
    CrmSync.configuration.state_dir = nil
  end

  {
    "others may use it" => [->(path) { Dir.mkdir(path) && File.chmod(0o750, path) }, /can be used .*mode is 750/],
    "it is a link" => [->(path) { File.symlink(Dir.mktmpdir(nil, File.dirname(path)), path) }, /is a link/],
    "it is not a folder" => [->(path) { File.write(path, "") }, /is not a folder/]
  }.each do |what, (make, message)|
    it "is refused when #{what}" do
      make.call(own)
      uses = [-> { folder.write("a", "b") }, -> { folder.open("a", &:read) }, -> { folder.make }, -> { folder.tidy }]
      wanted = /\A#{own} #{message.source}.*chmod 700 #{own}.*set state_dir/
      uses.each { |use| expect(&use).to raise_error(CrmSync::ConfigurationError, wanted) }
      expect(Dir.glob("#{shared}/**/*").select { |path| File.file?(path) } - [own]).to eq([])
    end
  end

  it "is refused when it is another user's" do
    folder.make
    allow(File).to receive(:lstat).and_call_original
    allow(File).to receive(:lstat).with(own).and_return(
      instance_double(File::Stat, symlink?: false, directory?: true, owned?: false, uid: 4711, mode: 0o40700)
    )
    expect { folder.write("a", "b") }.to raise_error(CrmSync::ConfigurationError, /another user \(4711\)/)
  end

  it "is refused before a session is read from it" do
    CrmSync.configuration.state_dir = shared
    Dir.mkdir(own)
    File.chmod(0o777, own)
    File.write(File.join(own, "session-k.json"), '{"access_token":"planted"}', perm: 0o600)
    expect { CrmSync::Internal::SessionFile.new.read("k") }.to raise_error(CrmSync::ConfigurationError, /777/)
  ensure
    CrmSync.configuration.state_dir = nil
  end

  it "loses what a killed process was writing, and nothing that somebody writes" do
    folder.write("a", "whole")
    dead = "a.#{ended}-0123abcd.new"
    other = "session-k.json.#{ended}-0123abcd.new"
    before_us = "a.#{Process.pid}-0123abcd.new"
    alive = ["a.#{Process.ppid}-0123abcd.new", "a.#{Process.pid}-ffff.new", "mine.new", "x.jsonl.gz"]
    [dead, other, before_us, *alive].each { |name| File.write(File.join(own, name), "token") }
    File.utime(Time.at(0), Time.at(0), File.join(own, before_us))
    folder.tidy
    expect(Dir.children(own)).to match_array(["a", *alive])
  end

  it "loses what a killed process was writing in the place of the same file" do
    folder.write("a", "one")
    File.write(File.join(own, "a.#{ended}-0123abcd.new"), "half")
    folder.write("a", "two")
    expect(Dir.children(own)).to eq(["a"])
  end

  it "loses at once what an interrupt keeps it from writing, and keeps what was there" do
    folder.write("a", "one")
    interrupt = Object.new
    def interrupt.to_s = raise(Interrupt)
    expect { folder.write("a", interrupt) }.to raise_error(Interrupt)
    expect([Dir.children(own), folder.open("a", &:read)]).to eq([["a"], "one"])
  end

  it "has nothing to tidy where nothing is kept in files" do
    expect { folder.tidy }.not_to(change { Dir.children(shared) })
  end
end

RSpec.describe CrmSync::Internal::StagesFolder do
  it "loses what a killed stage was writing" do
    Process.wait(pid = fork { exit!(0) })
    left = %w[zendesk_orgs salesforce_accounts creates].map { |name| "#{name}.#{pid}-aB3xyZ.unwritten" }
    mine = ["notes.#{pid}-3.unwritten", "zendesk_orgs.json", "zendesk_orgs.#{Process.ppid}-3.unwritten"]
    [*left, *mine].each { |name| File.write(File.join(scratch, name), "") }
    described_class.new(scratch)
    expect(Dir.children(scratch)).to match_array(mine)
  end
end
