# frozen_string_literal: true

require "rails_helper"

# One session for all processes of an app: Salesforce allows 3,600 sign-ins an hour, and each takes half a query's time.
RSpec.describe CrmSync::Salesforce::Client do
  # Reads once for each of its rounds, as soon as there is a file of that name, for which all wait.
  let(:reader) { <<~'RUBY' }
    require "active_support/all"
    require "active_support/cache"
    require "crm_sync"
    $stdout.sync = true
    shared = ENV.fetch("SHARED")
    CrmSync.configure do |config|
      config.state_dir = File.join(shared, "state")
      cache = ActiveSupport::Cache::FileStore.new(File.join(shared, "cache"))
      own = CrmSync::Salesforce::SessionCache.new(cache:, secret: "s" * 32)
      config.salesforce.session_store = ENV.fetch("STORE") == "cache" ? own : :file
    end
    ENV.fetch("ROUNDS").split.each do |round|
      puts "ready #{round}"
      sleep 0.005 until File.exist?(File.join(shared, round))
      puts CrmSync::Salesforce.client.query("SELECT Id FROM Contact").count
      puts "read #{round}"
    end
  RUBY

  def start(salesforce, store, *rounds)
    env = { "CRM_SYNC_SALESFORCE_HOST" => salesforce.url, "CRM_SYNC_SALESFORCE_CLIENT_ID" => "simulator",
            "CRM_SYNC_SALESFORCE_CLIENT_SECRET" => Simulated::SECRET, "CRM_SYNC_SALESFORCE_RETRY_DELAY" => "0.01",
            "SHARED" => scratch, "STORE" => store.to_s, "ROUNDS" => rounds.join(" ") }
    start_command(RbConfig.ruby, "-I", File.expand_path("../../../lib", __dir__), "-e", reader, env:)
  end

  def database_url
    "none"
  end

  # Tells them all at once to read, as soon as each is ready to.
  def go(children, round)
    children.each { |child| child.wait_for("ready #{round}") }
    File.write(File.join(scratch, round.to_s), "")
    children.each { |child| child.wait_for("read #{round}") }
  end

  def counts(child)
    result = child.wait
    expect([result.stderr, result.success?]).to eq(["", true])
    result.stdout.lines.grep(/\A\d+$/).map(&:to_i)
  end

  # A cache in files cannot put a lock in place as one act, so that of two that find none both may sign in. Those of
  # servers can.
  { file: 1, cache: 2 }.each do |store, most|
    it "signs in once for processes that start together or later, and once more when that is revoked (#{store})" do
      revoked = { on: :query, skip: 3, times: 1, answer: :expire }
      # Each sign-in takes a while, so that the other would be in the middle of one too.
      org(latency_ms: 100, page_sizes: [2_000], faults: [revoked]) do |salesforce|
        pair = Array.new(2) { start(salesforce, store, 1, 3) }
        later = start(salesforce, store, 2)
        go(pair, 1)
        first = sign_ins(salesforce)
        expect(first).to be_between(1, most)
        go([later], 2)
        expect(sign_ins(salesforce)).to eq(first)
        go(pair, 3)
        expect(sign_ins(salesforce) - first).to be_between(1, most)
        expect([*pair, later].map { |child| counts(child) }).to eq([[30, 30], [30, 30], [30]])
        expect_private if store == :file
      end
    end
  end

  def expect_private
    files = Dir[File.join(scratch, "state", "crm_sync", "*")]
    expect(files.size).to eq(2) # the session and its lock
    expect(files.map { |path| File.stat(path).mode & 0o077 }).to all(eq(0))
  end
end
