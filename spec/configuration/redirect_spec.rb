# frozen_string_literal: true

require "rails_helper"
require_relative "../support/native_child"
require_relative "../support/zendesk_desk"

# Nothing speaks to any other host while a simulator runs: a spec that forgets one must not reach the real thing.
RSpec.describe CrmSync::Redirect do
  include ZendeskDesk

  def host_of(service, name = :default)
    service.settings(name).host
  end

  def zendesk(**options, &)
    CrmSync::Testing::Zendesk.start(**options, &)
  end

  let(:salesforce) { CrmSync::Testing::Salesforce.start(records: {}) }

  it "leads to the configuration when nothing runs" do
    expect(CrmSync::Zendesk.settings).to equal(CrmSync.configuration.zendesk)
    expect(CrmSync::Zendesk.settings(:usgov)).to equal(CrmSync.configuration.zendesk(:usgov))
    expect(CrmSync::Salesforce.settings(:marketing)).to equal(CrmSync.configuration.salesforce(:marketing))
  end

  it "leads all instances to a simulator, but for one that has its own" do
    zendesk(instance: :usgov) do |usgov|
      zendesk do |all|
        hosts = %i[default global usgov].map { |name| host_of(CrmSync::Zendesk, name) }
        expect(hosts).to eq([all.url, all.url, usgov.url])
      end
      expect(host_of(CrmSync::Zendesk, :usgov)).to eq(usgov.url)
    end
    expect(CrmSync::Zendesk.settings(:usgov)).to equal(CrmSync.configuration.zendesk(:usgov))
  end

  it "leads each instance to its own, whatever the order in which they stop" do
    global = zendesk(instance: :global, organizations: named(1))
    usgov = zendesk(instance: "usgov", organizations: named(2))
    expect([zendesk_client(:global), zendesk_client(:usgov)].map { |one| one.organizations.count }).to eq([1, 2])
    expect { zendesk_client.organizations.first }
      .to raise_error(CrmSync::ConfigurationError, /a simulator of Zendesk usgov runs, .* none for Zendesk default/)
    global.stop
    expect(zendesk_client(:usgov).organizations.count).to eq(2)
    expect { zendesk_client(:global).organizations.first }.to raise_error(CrmSync::ConfigurationError, /Zendesk global/)
  ensure
    [global, usgov].each(&:stop)
  end

  it "takes the newest, and goes back to the one before" do
    older = zendesk
    newer = zendesk
    expect(host_of(CrmSync::Zendesk)).to eq(newer.url)
    newer.stop
    expect(host_of(CrmSync::Zendesk)).to eq(older.url)
    older.stop
    expect(CrmSync::Zendesk.settings).to equal(CrmSync.configuration.zendesk)
  end

  it "lets nobody speak to a service of which no simulator runs" do
    [[-> { zendesk }, -> { CrmSync::Salesforce.client.query("SELECT Id FROM Contact").first }, %w[Zendesk Salesforce]],
     [-> { salesforce }, -> { zendesk_client.update_many([{ id: 1 }]) }, %w[Salesforce Zendesk]]]
      .each do |start, use, (running, wanted)|
        simulator = start.call
        expect(&use).to raise_error(
          CrmSync::ConfigurationError,
          "a simulator of #{running} runs, so that nothing speaks to any other host; there is none for #{wanted} " \
          "default: start one with CrmSync::Testing::#{wanted}.start, or stop the other"
        )
      ensure
        simulator.stop
      end
  end

  it "has one of each beside the other" do
    zendesk(organizations: named(1)) do
      expect(salesforce.url).to eq(host_of(CrmSync::Salesforce))
      expect(zendesk_client.organizations.count).to eq(1)
    ensure
      salesforce.stop
    end
  end

  it "keeps simulators running that nobody keeps, also while a fork ends" do
    result = native(<<~RUBY)
      def start
        CrmSync::Testing::Salesforce.start(records: { "Contact" => [{}] })
        CrmSync::Testing::Zendesk.start(organizations: [{ "id" => 1, "name" => "Big Co" }])
      end
      def rows
        [CrmSync::Salesforce.client.query("SELECT Id FROM Contact").count, CrmSync::Zendesk.client.organizations.count]
      end
      start
      Array.new(1_000) { Object.new }
      3.times { GC.start }
      Process.wait(fork { GC.start })
      p rows
    RUBY
    expect([result.stdout, result.stderr]).to eq(["[1, 1]\n", ""])
  end

  it "lets simulators go whose place another has taken, and goes back to one that somebody has kept" do
    result = native(<<~RUBY)
      require "socket"
      def start(**options) = CrmSync::Testing::Zendesk.start(**options)

      def listens?(url)
        TCPSocket.new("127.0.0.1", URI(url).port).close
        true
      rescue Errno::ECONNREFUSED
        false
      end

      first = start(organizations: [{ "id" => 1, "name" => "Big Co" }])
      newest = nil
      urls = Thread.new { Array.new(20) { start.url }.tap { start(instance: :usgov); newest = start } }.value
      # A few may look like referenced from the stack.
      few = -> { urls.count { |url| listens?(url) } <= 5 }
      200.times { few.call ? break : (Array.new(10_000) { Object.new }; GC.start; sleep 0.05) }
      p few.call
      p [:default, :usgov].map { |name| CrmSync::Zendesk.client(name).organizations.count }
      newest.stop
      Thread.new { 3.times { GC.start } }.join
      fallen_back = CrmSync::Zendesk.client.organizations.count
      first_url = first.url
      first = nil
      Thread.new { Array.new(10_000) { Object.new }; 5.times { GC.start } }.join
      p fallen_back, CrmSync::Zendesk.settings.host == first_url, CrmSync::Zendesk.client.organizations.count
    RUBY
    expect([result.stdout, result.stderr]).to eq(["true\n[0, 0]\n1\ntrue\n1\n", ""])
  end

  it "lets a simulator go that has stopped" do
    simulator = zendesk
    simulator.stop
    expect(CrmSync.redirect.instance_variable_get(:@running)).to eq([])
  end

  it "ends with the simulator also when the block raises" do
    expect { zendesk { raise "x" } }.to raise_error("x")
    expect(CrmSync::Zendesk.settings).to equal(CrmSync.configuration.zendesk)
  end

  it "does not begin when the simulator or its settings cannot be right" do
    expect { zendesk(clock_speed: 0) }.to raise_error(ArgumentError, /clock_speed/)
    expect { zendesk(settings: { shoe_size: 7 }) }.to raise_error(ArgumentError, /shoe_size/)
    expect(CrmSync::Zendesk.settings).to equal(CrmSync.configuration.zendesk)
  end

  it "has the client wait by the simulator's clock" do
    seconds = [1, 50, 0.01].map do |clock_speed|
      zendesk(clock_speed:) { CrmSync::Zendesk.settings.instance_variable_get(:@second) }
    end
    expect(seconds).to eq([1.0, 0.02, 1.0])
  end
end
