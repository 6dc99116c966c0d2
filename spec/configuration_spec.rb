# frozen_string_literal: true

require "rails_helper"
require "yaml"
require_relative "support/simulated"

RSpec.describe CrmSync::Configuration do
  subject(:configuration) { described_class.new }

  let(:salesforce) { configuration.salesforce }

  def configured(**settings)
    { host: "example.my.salesforce.com", client_id: "id", client_secret: Simulated::SECRET, **settings }
      .each { |setting, value| salesforce.public_send("#{setting}=", value) }
    salesforce
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

  it "wants numbers that are numbers" do
    with_environment("CRM_SYNC_SALESFORCE_ATTEMPTS" => "many") do
      expect { salesforce }.to raise_error(CrmSync::ConfigurationError, "CRM_SYNC_SALESFORCE_ATTEMPTS is no number")
    end
    [0, -1, "x", nil, Float::NAN].each do |value|
      expect { configured(deadline: value).native }
        .to raise_error(CrmSync::ConfigurationError, /salesforce.deadline must be a number above 0/), value.inspect
    end
  end

  it "shows no secret" do
    shown = [configured.inspect, configuration.inspect, configured.to_s, configured.to_yaml, configuration.to_yaml,
             configured.native.inspect]
    expect(shown.join).not_to include(Simulated::SECRET)
    [salesforce, configuration].each { |object| expect { Marshal.dump(object) }.to raise_error(TypeError) }
  end

  {
    "http://example.my.salesforce.com" => /must be https/, "http://127.0.0.1.example.org" => /must be https/,
    "ftp://example.org" => /must be https/, "not a host" => /is no host name/, "https://" => /is no host name|no host/
  }.each do |host, why|
    it "does not speak to #{host}" do
      expect { configured(host:).native.update("Contact", [], 0, proc {}) }
        .to raise_error(CrmSync::ConfigurationError, why)
    end
  end

  %w[http://127.0.0.1:9 http://localhost:9 http://[::1]:9 https://example.org example.org].each do |host|
    it "would speak to #{host}" do
      expect(configured(host:).native.update("Contact", [], 0, proc {})).to eq([])
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
