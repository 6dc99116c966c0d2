# frozen_string_literal: true

require "rails_helper"
require "yaml"

RSpec.describe CrmSync::Configuration::ZendeskSettings do
  let(:configuration) { CrmSync::Configuration.new }
  let(:zendesk) { configuration.zendesk }

  all = { client_id: "id", client_secret: Simulated::SECRET, token: Simulated::SECRET, email: "ann@b.edu",
          api_token: Simulated::SECRET }.freeze
  ways = { "client credentials" => %i[client_id client_secret], "a token" => %i[token],
           "an API token" => %i[email api_token] }.freeze

  # Client credentials, where nothing else is said.
  def configured(**settings)
    { host: "example.zendesk.com", client_id: "id", client_secret: Simulated::SECRET, **settings }
      .each { |setting, value| zendesk.public_send("#{setting}=", value) }
    zendesk
  end

  define_method(:signing_in) do |*settings, **more|
    configured(**all.to_h { |setting, value| [setting, (value if settings.include?(setting))] }, **more)
  end

  def with_environment(variables)
    before = ENV.to_h
    ENV.update(variables)
    yield
  ensure
    ENV.replace(before)
  end

  # Returns the settings that the core is given.
  def given
    seen = nil
    allow(CrmSync::Native::Zendesk).to receive(:new) { |values| seen = values }
    yield.native
    seen
  end

  # Returns the message of the core when it is to speak to the host.
  def told
    zendesk.native.organization_fields(CrmSync::Host.new(CrmSync::Log.new("spec")))
  end

  it "comes from the environment, for each instance" do
    with_environment("CRM_SYNC_ZENDESK_HOST" => "a.zendesk.com", "CRM_SYNC_ZENDESK_ATTEMPTS" => "7",
                     "CRM_SYNC_ZENDESK_REQUESTS_PER_MINUTE" => "90", "CRM_SYNC_ZENDESK_USGOV_SHARE" => "0.25",
                     "CRM_SYNC_ZENDESK_USGOV_HOST" => "b.zendesk.com", "CRM_SYNC_ZENDESK_USGOV_EMAIL" => "ann@b.edu") do
      expect(zendesk).to have_attributes(host: "a.zendesk.com", attempts: 7, requests_per_minute: 90, share: 0.5,
                                         email: nil)
      usgov = configuration.zendesk("usgov")
      expect(usgov).to have_attributes(host: "b.zendesk.com", attempts: 5, requests_per_minute: nil, share: 0.25,
                                       email: "ann@b.edu")
      expect(configuration.zendesk(:usgov)).to equal(usgov)
    end
  end

  it "has each of its settings in the environment" do
    defaults = described_class.const_get(:DEFAULTS)
    variables = defaults.to_h { |name, value| ["CRM_SYNC_ZENDESK_#{name.upcase}", value.is_a?(Float) ? "0.5" : "7"] }
    with_environment(variables) do
      defaults.each do |name, default|
        wanted = { Float => 0.5, Integer => 7 }.fetch(default.class, name == :requests_per_minute ? 7 : "7")
        expect(zendesk.public_send(name)).to eq(wanted), name.to_s
      end
    end
  end

  it "wants numbers that are numbers" do
    with_environment("CRM_SYNC_ZENDESK_REQUESTS_PER_MINUTE" => "many") do
      expect { zendesk }
        .to raise_error(CrmSync::ConfigurationError,
                        "CRM_SYNC_ZENDESK_REQUESTS_PER_MINUTE is not a number; give one such as 100")
    end
    { deadline: [[0, -1, "x", nil, Float::NAN, 1e300], "a number above 0, at most 604800"],
      share: [[0, 1.1, "x", nil], "above 0, at most 1"],
      jobs: [[0, 31, "x", nil], "from 1 to 30"], requests_per_minute: [[0, -1, "x"], "above 0"] }
      .each do |setting, (values, wanted)|
        variable = "CRM_SYNC_ZENDESK_#{setting.upcase}"
        values.each do |value|
          expect { described_class.new(:default, host: "a", token: "t", setting => value).native }
            .to raise_error(CrmSync::ConfigurationError, /\Azendesk.#{setting} must be .*#{wanted}; .*#{variable}/)
        end
      end
  end

  it "gives the core its plain values" do
    seen = given { signing_in(:token, requests_per_minute: "300", jobs: "3") }
    expect(seen).to include(credentials: "token", requests_per_minute: 300, jobs: 3, share: 0.5, ca_file: "", email: "",
                            second: 1.0, job_patience: 300.0, deadline: 1800.0)
    expect(seen.values).to all(be_a(String).or(be_a(Numeric)))
  end

  it "makes one client for the same settings, also for threads, and another one for others" do
    clients = Array.new(8) { Thread.new { configured.native } }.map(&:value)
    expect(clients.uniq(&:object_id).size).to eq(1)
    expect(configured(share: 0.25).native).not_to equal(clients.first)
  end

  it "says where the host is to be set" do
    expect { configured(host: " ").native }.to raise_error(
      CrmSync::ConfigurationError,
      "zendesk.host is not set; set it in CrmSync.configure or as CRM_SYNC_ZENDESK_HOST"
    )
    expect { configuration.zendesk(:usgov).native }
      .to raise_error(CrmSync::ConfigurationError, /\Azendesk\(:usgov\)\.host is not .*CRM_SYNC_ZENDESK_USGOV_HOST/)
  end

  it "names the host and the credentials at once if both are missing" do
    expect { configuration.zendesk.native }.to raise_error(
      CrmSync::ConfigurationError, /\Azendesk.host is not set; .*\nthere are no credentials for Zendesk; set/
    )
  end

  { "http://example.zendesk.com" => /zendesk.host must be https/, "not a host" => /is not a host name/ }
    .each do |host, why|
      it "does not speak to #{host}" do
        configured(host:)
        expect { told }.to raise_error(CrmSync::ConfigurationError, why)
      end
    end

  describe "each way to sign in" do
    ways.each do |way, needed|
      it "needs for #{way} all of #{needed.join(", ")}" do
        expect { signing_in(*needed).native }.not_to raise_error
        next if needed.one?

        needed.each do |missing|
          expect { signing_in(*(needed - [missing])).native }.to raise_error(
            CrmSync::ConfigurationError,
            "zendesk.#{missing} is not set; set it in CrmSync.configure or as CRM_SYNC_ZENDESK_#{missing.upcase}"
          )
        end
      end
    end

    it "is asked for where none is set" do
      expect { signing_in.native }.to raise_error(
        CrmSync::ConfigurationError,
        "there are no credentials for Zendesk; set zendesk.client_id and zendesk.client_secret of a confidential " \
        "OAuth client, in CrmSync.configure or as CRM_SYNC_ZENDESK_CLIENT_ID and CRM_SYNC_ZENDESK_CLIENT_SECRET; or " \
        "else zendesk.token, or zendesk.email and zendesk.api_token"
      )
    end

    it "is asked for where the app has replaced that of the environment by a blank" do
      with_environment("CRM_SYNC_ZENDESK_TOKEN" => Simulated::SECRET) do
        expect { signing_in.native }.to raise_error(
          CrmSync::ConfigurationError, /\Azendesk.token is blank in CrmSync.configure, which takes precedence over CRM/
        )
      end
    end

    it "is one" do
      ways.values.combination(2) do |one, other|
        named = (one + other).map { |setting| "zendesk.#{setting} (CRM_SYNC_ZENDESK_#{setting.upcase})" }
        expect { signing_in(*one, *other).native }.to raise_error(CrmSync::ConfigurationError) { |error|
          expect(error.message).to start_with(named.join(" and "))
          expect(error.message).not_to match(/#{Simulated::SECRET}|@/)
        }
      end
      expect { signing_in(:client_id, :token).native }.to raise_error(CrmSync::ConfigurationError, /only one of them/)
    end
  end

  it "warns once of the end of API tokens, and not of other ways" do
    text = logged do
      signing_in(:email, :api_token).native
      signing_in(:email, :api_token, attempts: 3).native
      signing_in(:token).native
      configured.token = nil
      zendesk.native
    end
    warnings = text.scan(/WARN.*Zendesk: (.*)/).flatten
    expect(warnings).to match([/30 days, and all of them on 2027-04-30; .*client_secret/])
    expect(text).not_to match(/@|#{Simulated::SECRET}/)
  end

  it "shows no secret" do
    %i[client_secret token api_token].each { |setting| zendesk.public_send("#{setting}=", Simulated::SECRET) }
    zendesk.email = "ann@b.edu"
    objects = [zendesk, configuration]
    shown = objects.flat_map { |object| [object.inspect, object.pretty_inspect, object.to_s, object.to_json] }
    expect([*shown, signing_in(:token).native.inspect].join).not_to match(/@|#{Simulated::SECRET}/)
    objects.each do |object|
      expect { Marshal.dump(object) }.to raise_error(CrmSync::NotDumpable)
      expect { object.to_yaml }.to raise_error(CrmSync::NotDumpable)
    end
  end
end
