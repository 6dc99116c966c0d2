# frozen_string_literal: true

require "logger"
require "active_support"
require "active_support/cache"
require "active_support/notifications"
require "crm_sync/salesforce/session_cache"
require_relative "../support/sign_ins"

RSpec.describe CrmSync::Salesforce::SessionCache do
  def store(cache = self.cache, secret: "s" * 32, **options)
    described_class.new(cache:, secret:, **options)
  end

  # A cache of another machine that does not answer.
  let(:broken) do
    Class.new(ActiveSupport::Cache::Store) do
      private

      def read_entry(_key, **); end

      def write_entry(_key, _entry, **)
        false
      end

      def delete_entry(_key, **)
        false
      end
    end.new
  end
  let(:cache) { ActiveSupport::Cache::MemoryStore.new }
  let(:record) { { "access_token" => "T-secret", "instance_url" => "u", "at" => Time.now.to_f, "chain" => ["a"] } }

  {
    "in memory" => -> { ActiveSupport::Cache::MemoryStore.new },
    "in files" => -> { ActiveSupport::Cache::FileStore.new(Scratch.folder) }
  }.each do |what, make|
    describe "with a cache #{what}" do
      let(:cache) { make.call }

      it "gives back what it was given, by key" do
        expect(store.read("k")).to be_nil
        store.write("k", record)
        expect(store.read("k")).to eq(record)
        expect(store.read("other")).to be_nil
      end

      it "lets one in at a time, and the next when it is done" do
        inside = 0
        most = 0
        enter = lambda do
          store.synchronize("k") do
            most = [most, inside += 1].max
            Thread.pass
            inside -= 1
          end
        end
        Array.new(4) { Thread.new(&enter) }.each(&:join)
        expect(most).to eq(1) if cache.is_a?(ActiveSupport::Cache::MemoryStore) # files are not exact
        expect(cache.read("crm_sync/session/k/lock")).to be_nil
      end

      it "does not wait for a lock that has expired" do
        cache.write("crm_sync/session/k/lock", "dead", expires_in: 0.001)
        sleep 0.01
        expect(store(cache, patience: 3_600).synchronize("k") { :done }).to eq(:done)
      end
    end
  end

  it "keeps no secret in the cache that can be read" do
    store.write("k", record)
    expect(cache.read("crm_sync/session/k")).to match(/\A(?!.*secret)/m)
    expect(store.inspect).to eq("#<CrmSync::Salesforce::SessionCache>")
  end

  it "takes what it cannot decrypt for no session" do
    store.write("k", record)
    expect(store(secret: "t" * 32).read("k")).to be_nil
    stored = cache.read("crm_sync/session/k")
    cache.write("crm_sync/session/other", stored)
    expect(store.read("other")).to be_nil
    ["", "x", "a--b--c", stored.chop, stored.tr("A-Z", "B-ZA"), { "access_token" => "T" }, 7].each do |given|
      cache.write("crm_sync/session/k", given)
      expect(store.read("k")).to be_nil, given.inspect
    end
  end

  it "forgets sessions after half a day, but no refresh token that has no copy" do
    written = []
    subscriber = ActiveSupport::Notifications.subscribe("cache_write.active_support") { |*, event| written << event }
    store.write("k", record)
    store.write("k", { **record, "refresh_token" => "R" })
    expect(written.map { |event| event[:expires_in] }).to eq([43_200, nil])
  ensure
    ActiveSupport::Notifications.unsubscribe(subscriber)
  end

  it "goes on when the one that signs in takes too long, and leaves it its lock" do
    cache.write("crm_sync/session/k/lock", "theirs")
    expect(store(cache, patience: 0).synchronize("k") { :done }).to eq(:done)
    expect(cache.read("crm_sync/session/k/lock")).to eq("theirs")
  end

  it "frees its lock when the block fails" do
    expect { store.synchronize("k") { raise IOError } }.to raise_error(IOError)
    expect(cache.read("crm_sync/session/k/lock")).to be_nil
  end

  it "does not wait for a cache that keeps nothing, and signs in once in each process" do
    [ActiveSupport::Cache::NullStore.new, broken].each do |useless|
      org = FakeOrg.new
      sessions = CrmSync::Internal::Sessions.new(key: "k", store: store(useless, patience: 3_600),
                                                 sign_in: org.to_proc)
      expect([sessions.open, sessions.open].map(&:first)).to eq(%w[T1 T1])
      expect(sessions.open("T1").first).to eq("T2")
    end
  end

  it "sees what others wrote, also within a request, for which Rails keeps what was read" do
    folder = Scratch.folder
    local = ActiveSupport::Cache::Strategy::LocalCache
    ours = stub_const("LocallyCached", Class.new(ActiveSupport::Cache::FileStore) { prepend local }).new(folder)
    ours.with_local_cache do
      expect(store(ours).read("k")).to be_nil
      store(ActiveSupport::Cache::FileStore.new(folder)).write("k", record)
      expect(store(ours).read("k")).to eq(record)
      expect(store(ours).synchronize("k") { :done }).to eq(:done)
      expect(store(ours).synchronize("k") { :done }).to eq(:done)
    end
  end

  it "wants a secret of 32 bytes, and without Rails a cache" do
    expect { store(secret: "short") }.to raise_error(CrmSync::ConfigurationError, /32 bytes/)
    hide_const("Rails") if defined?(Rails)
    expect { described_class.new(secret: "s" * 32) }.to raise_error(CrmSync::ConfigurationError, /need a cache/)
    expect { described_class.new(cache:) }.to raise_error(CrmSync::ConfigurationError, /need a secret/)
  end
end
