# frozen_string_literal: true

require "rails_helper"
require "yaml"

RSpec.describe CrmSync::Configuration do
  subject(:configuration) { described_class.new }

  let(:salesforce) { configuration.salesforce }

  def configured(**settings)
    { host: "example.my.salesforce.com", client_id: "id", client_secret: Simulated::SECRET, **settings }
      .each { |setting, value| salesforce.public_send("#{setting}=", value) }
    salesforce
  end

  def host_of_log
    CrmSync::Host.new(CrmSync::Log.new("spec"))
  end

  def with_environment(variables)
    before = ENV.to_h
    ENV.update(variables)
    yield
  ensure
    ENV.replace(before)
  end

  %i[host client_id client_secret].each do |setting|
    it "says where #{setting} is to be set when it is missing" do
      configured(setting => " ")
      expect { salesforce.native }.to raise_error(
        CrmSync::ConfigurationError,
        "salesforce.#{setting} is not set; set it in CrmSync.configure or as CRM_SYNC_SALESFORCE_#{setting.upcase}"
      )
    end
  end

  it "has one object for the settings of a name, whichever threads ask first" do
    found = Array.new(200) do
      configuration = described_class.new
      gate = Queue.new
      asking = Array.new(8) { Thread.new { gate.pop && [configuration.salesforce, configuration.zendesk(:usgov)] } }
      Thread.pass until gate.num_waiting == 8
      8.times { gate << true }
      asking.map(&:value).transpose.map { |settings| settings.uniq(&:object_id).size }
    end
    expect(found.uniq).to eq([[1, 1]])
  end

  it "names all missing settings at once" do
    configured(host: nil, client_id: "", client_secret: nil)
    expect { salesforce.native }.to raise_error(CrmSync::ConfigurationError) { |error|
      expect(error.message.lines).to match([/\Asalesforce.host is not set;/, /\Asalesforce.client_id is not set;/,
                                            /\Asalesforce.client_secret is not set;/])
    }
  end

  it "says that a blank in the app takes precedence over the environment" do
    with_environment("CRM_SYNC_SALESFORCE_CLIENT_ID" => "id") do
      configured(client_id: nil)
      expect { salesforce.native }.to raise_error(
        CrmSync::ConfigurationError,
        "salesforce.client_id is blank in CrmSync.configure, which takes precedence over " \
        "CRM_SYNC_SALESFORCE_CLIENT_ID; remove it there, or give it a value"
      )
    end
  end

  it "names the variable of the org that lacks a setting" do
    expect { configuration.salesforce(:marketing).native }
      .to raise_error(CrmSync::ConfigurationError, /CRM_SYNC_SALESFORCE_MARKETING_HOST/)
  end

  it "takes every setting from the environment, for each org" do
    with_environment("CRM_SYNC_SALESFORCE_HOST" => "a.my.salesforce.com", "CRM_SYNC_SALESFORCE_ATTEMPTS" => "7",
                     "CRM_SYNC_SALESFORCE_MARKETING_HOST" => "b.my.salesforce.com",
                     "CRM_SYNC_SALESFORCE_MARKETING_DEADLINE" => "1.5") do
      expect(salesforce).to have_attributes(host: "a.my.salesforce.com", attempts: 7, deadline: 900.0)
      marketing = configuration.salesforce("marketing")
      expect(marketing).to have_attributes(host: "b.my.salesforce.com", attempts: 5, deadline: 1.5)
      expect(configuration.salesforce(:marketing)).to equal(marketing)
    end
  end

  it "takes one secret of plans or several, also from the environment, and each must be long enough" do
    secrets = ["a secret of this year", "a secret of last year"]
    with_environment("CRM_SYNC_PLAN_SECRET" => secrets.join(", ")) do
      expect(configuration.plan_secret).to eq(secrets)
    end
    [secrets.first, secrets, nil].each do |secret|
      configuration.plan_secret = secret
      expect(configuration.plan_secret).to eq(secret)
    end
    [[], [secrets.first, "short"], [nil], ["", secrets.first], { secrets.first => 1 }, "short"].each do |secret|
      expect { configuration.plan_secret = secret }
        .to raise_error(CrmSync::ConfigurationError, /16 .* or a list of such/)
    end
    expect(configuration.plan_secret).to be_nil
  end

  it "wants numbers that are numbers" do
    with_environment("CRM_SYNC_SALESFORCE_ATTEMPTS" => "many") do
      expect { salesforce }
        .to raise_error(CrmSync::ConfigurationError, "CRM_SYNC_SALESFORCE_ATTEMPTS is not a number; give one such as 5")
    end
    [0, -1, "x", nil, Float::NAN].each do |value|
      expect { configured(deadline: value).native }
        .to raise_error(CrmSync::ConfigurationError, /salesforce.deadline must be a number above 0/), value.inspect
    end
  end

  it "takes true and false, also from the environment, and nothing else" do
    [true, "true", false, "false"].each do |value|
      expect { configured(allow_duplicates: value).native }.not_to raise_error
    end
    ["yes", nil, 1].each do |value|
      expect { configured(allow_duplicates: value).native }
        .to raise_error(CrmSync::ConfigurationError, /allow_duplicates must be true or false; set it in/), value.inspect
    end
  end

  it "allows duplicates only where the version of the API knows of their rules" do
    expect { configured(allow_duplicates: true, api_version: "52.0").native }.not_to raise_error
    expect { configured(allow_duplicates: true, api_version: "51.0").native }
      .to raise_error(CrmSync::ConfigurationError, /allow_duplicates needs version 52\.0/)
  end

  it "takes a share that leaves something" do
    [0, 0.0, "0.5", 0.999].each { |value| expect { configured(quota_reserve: value).native }.not_to raise_error }
    [1, -0.1, "x", nil, Float::NAN].each do |value|
      expect { configured(quota_reserve: value).native }
        .to raise_error(CrmSync::ConfigurationError, /quota_reserve must be a number from 0 to less than 1/)
    end
  end

  it "shows no secret" do
    secrets = %i[client_secret password private_key refresh_token].to_h { |name| [name, Simulated::SECRET] }
    configured(**secrets, grant: :refresh_token, session_store: :memory)
    objects = [salesforce, configuration, salesforce.sessions, salesforce.sessions.instance_variable_get(:@store)]
    shown = objects.flat_map { |object| [object.inspect, object.pretty_inspect, object.to_s, object.to_json] }
    expect([*shown, salesforce.native.inspect].join).not_to include(Simulated::SECRET)
    objects.each do |object|
      expect { Marshal.dump(object) }.to raise_error(CrmSync::NotDumpable)
      expect { object.to_yaml }.to raise_error(CrmSync::NotDumpable)
    end
  end

  describe "each way to sign in" do
    all = { client_id: "id", client_secret: "s", username: "u", password: "p", private_key: "k", refresh_token: "r" }

    {
      client_credentials: %i[client_id client_secret], jwt_bearer: %i[client_id username private_key],
      refresh_token: %i[client_id refresh_token], password: %i[client_id client_secret username password]
    }.each do |grant, needed|
      it "needs for #{grant} only #{needed.join(", ")}" do
        unset = all.transform_values { nil }
        expect { configured(**unset, **all.slice(*needed), grant: grant.to_s).native }.not_to raise_error
        needed.each do |setting|
          expect { configured(**all, grant:, setting => "").native }
            .to raise_error(CrmSync::ConfigurationError, /\Asalesforce.#{setting} is not set; /)
        end
      end
    end

    it "is one of four" do
      expect { configured(grant: Simulated::SECRET).native }.to raise_error(
        CrmSync::ConfigurationError,
        "salesforce.grant must be one of client_credentials, jwt_bearer, refresh_token, password"
      )
    end

    it "warns once and for each org of the password" do
      text = logged do
        configured(**all, grant: :password).native
        configured(read_timeout: 1.0).native
        %i[host grant client_id client_secret username password].each do |setting|
          configuration.salesforce(:marketing).public_send("#{setting}=", salesforce.public_send(setting))
        end
        2.times { configuration.salesforce(:marketing).native }
      end
      expect(text.scan(/WARN.*(Salesforce\S*(?: marketing)?): Salesforce blocks the grant password .* jwt_bearer$/))
        .to eq([["Salesforce"], ["Salesforce marketing"]])
    end
  end

  describe "the version of the API" do
    it "has a form" do
      ["66", "v66.0", "66.1", "x", "66.0\n"].each do |api_version|
        expect { configured(api_version:).native }
          .to raise_error(CrmSync::ConfigurationError, 'salesforce.api_version must be like "66.0"'), api_version
      end
    end

    it "is not one that is retired" do
      expect { configured(api_version: "30.0").native }.to raise_error(CrmSync::ConfigurationError, /has retired/)
    end

    it "is warned of once when it will be" do
      text = logged { %w[31.0 40.0 41.0 66.0 31.0].each { |api_version| configured(api_version:).native } }
      expect(text.scan(/version (\S+) of the API retires in Summer '28/)).to eq([["31.0"], ["40.0"]])
    end
  end

  describe "the session" do
    # Counts what is asked of it, and gives a session that somebody else has opened.
    let(:store) do
      Class.new do
        attr_reader :keys

        def read(key)
          (@keys ||= []) << key
          { "access_token" => "T", "instance_url" => "https://i.example", "at" => Time.now.to_f,
            "chain" => [CrmSync::Internal::SessionRecord.digest("r")] }
        end

        def write(_key, _record)
          raise "nothing is to be written"
        end

        def synchronize(_key)
          yield
        end
      end.new
    end

    it "comes from the store, under a key for host, grant, client and user" do
      others = [{}, { host: "b.my.salesforce.com" }, { client_id: "b" }, { username: "b" },
                { grant: :refresh_token, refresh_token: "r" }]
      others.each do |other|
        expect(configured(session_store: store, **other).sessions.open).to eq(["T", "https://i.example"])
      end
      configured(session_store: store, read_timeout: 1.0).sessions.open
      expect(store.keys.uniq.size).to eq(others.size)
      expect(store.keys).to all(match(/\A\h{64}\z/))
    end

    it "is one object as long as the settings stay the same" do
      configured(session_store: :memory)
      sessions = Array.new(4) { Thread.new { salesforce.sessions } }.map(&:value)
      expect(sessions.uniq(&:object_id).size).to eq(1)
      expect(configured(client_secret: "b").sessions).not_to equal(sessions.first)
    end

    it "is kept where it is told" do
      names = { file: "SessionFile", "cache" => "SessionCache", memory: "SessionMemory" }
      names.each do |session_store, name|
        store = configured(session_store:).sessions.instance_variable_get(:@store)
        expect(store.class.name).to end_with(name)
      end
      [nil, :disk, Object.new].each do |session_store|
        expect { configured(session_store:).sessions }
          .to raise_error(CrmSync::ConfigurationError, /must be :file, :cache, :memory, or an object/)
      end
    end

    it "has its store named in the environment" do
      with_environment("CRM_SYNC_SALESFORCE_SESSION_STORE" => "memory") do
        expect(salesforce.session_store).to eq(:memory)
      end
    end
  end

  it "gives the core its plain values, with the line ends of a key that had to do without" do
    seen = nil
    allow(CrmSync::Native::Salesforce).to receive(:new) { |values| seen = values }
    configured(grant: :jwt_bearer, username: "u", private_key: "-----BEGIN\\nabc", concurrency: "3").native
    expect(seen.values).to all(be_a(String).or(be_a(Numeric)).or(be(false)))
    expect(seen).to include(grant: "jwt_bearer", private_key: "-----BEGIN\nabc", concurrency: 3, quota_reserve: 0.05,
                            refresh_token: "", ca_file: "", audience: "https://login.salesforce.com")
    expect(seen.keys).not_to include(:session_store, :on_refresh_token)
  end

  {
    "http://example.my.salesforce.com" => /must be https/, "http://127.0.0.1.example.org" => /must be https/,
    "ftp://example.org" => /must be https/, "not a host" => /is not a host name/,
    "https://" => /is not a host name|no host/
  }.each do |host, why|
    it "does not speak to #{host}" do
      expect { configured(host:).native.write("Contact", :update, "", [], host_of_log) }
        .to raise_error(CrmSync::ConfigurationError, why)
    end
  end

  %w[http://127.0.0.1:9 http://localhost:9 http://[::1]:9 https://example.org example.org].each do |host|
    it "would speak to #{host}" do
      expect(configured(host:).native.write("Contact", :update, "", [], host_of_log)).to eq([])
    end
  end

  describe CrmSync::Testing do
    using_database :sqlite

    it "takes the place of every org until it stops, and none is spoken to otherwise" do
      simulate(contacts: 0) do |outer|
        CrmSync::Testing::Salesforce.start(records: {}) do |inner|
          expect(CrmSync::Salesforce.settings(:marketing).host).to eq(inner.url)
        end
        expect(CrmSync::Salesforce.settings(:marketing).host).to eq(outer.url)
      end
      expect(CrmSync::Salesforce.settings).to equal(CrmSync.configuration.salesforce)
    end

    %w[RAILS_ENV RACK_ENV].each do |variable|
      it "does not start where #{variable} says production" do
        with_environment(variable => "production") do
          expect { CrmSync::Testing::Salesforce.start(records: {}) }
            .to raise_error(CrmSync::ConfigurationError, /do not start in production/)
        end
      end
    end
  end
end
