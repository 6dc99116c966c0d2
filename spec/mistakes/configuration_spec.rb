# frozen_string_literal: true

require "rails_helper"

# Tries the wrong settings of newcomers. Each message has the setting with its variable, what is wrong, and the mend,
# but not the value.
RSpec.describe "A mistake in the configuration" do
  org = "the org's My Domain, such as example.my.salesforce.com"
  {
    ["salesforce", { host: "example" }] => ["salesforce.host is not a whole host name; give #{org}"],
    ["salesforce",
     { host: "https://example.my.salesforce.com/services" }] => ["has a path behind the host; give #{org}"],
    ["salesforce", { host: "example.my.salesforce.com?x=1" }] => ["has a path behind the host"],
    ["salesforce", { host: "example .my.salesforce.com" }] => ["there is white space in it; give #{org}"],
    ["salesforce", { host: "http://example.my.salesforce.com" }] => ["salesforce.host must be https; give #{org}"],
    ["salesforce",
     { host: "login.salesforce.com" }] => ["is a login host, where the grant client_credentials does not"],
    ["salesforce", { host: "https://test.salesforce.com" }] => ["is a login host"],
    ["salesforce",
     { host: "example.lightning.force.com" }] => ["is where Salesforce's pages are, and not its API; give"],
    ["salesforce", { host: "ann@example.com" }] => ["salesforce.host is not a host name; give #{org}"],
    ["salesforce", { host: nil }] => ["salesforce.host is not set; set it in CrmSync.configure or as"],
    ["salesforce", { grant: "oauth" }] => ["salesforce.grant must be one of client_credentials, jwt_bearer,"],
    ["salesforce", { api_version: "v66" }] => ['salesforce.api_version must be like "66.0"'],
    ["salesforce", { concurrency: 0 }] => ["salesforce.concurrency must be a number above 0, at most 100"],
    ["salesforce", { concurrency: 10_000 }] => ["salesforce.concurrency must be a number above 0, at most 100"],
    ["salesforce", { concurrency: "many" }] => ["salesforce.concurrency must be a number above 0, at most 100"],
    ["salesforce", { read_timeout: -1 }] => ["salesforce.read_timeout must be a number above 0, at most 604800"],
    ["salesforce", { open_timeout: "10 s" }] => ["salesforce.open_timeout must be a number above 0"],
    ["salesforce", { deadline: Float::INFINITY }] => ["salesforce.deadline must be a number above 0, at most 604800"],
    ["salesforce", { max_rows: 10**20 }] => ["salesforce.max_rows must be a number above 0"],
    ["salesforce", { quota_reserve: 5 }] => ["salesforce.quota_reserve must be a number from 0 to less than 1"],
    ["zendesk", { host: "example" }] => ["zendesk.host is not a whole host name; give the account's host, such as"],
    ["zendesk", { host: "example.zendesk.com/agent" }] => ["zendesk.host has a path behind the host"],
    ["zendesk", { host: "www.zendesk.com" }] => ["zendesk.host is Zendesk's own host, and no account's"],
    ["zendesk", { jobs: 31 }] => ["zendesk.jobs must be a number from 1 to 30"],
    ["zendesk", { share: 50 }] => ["zendesk.share must be a number above 0, at most 1"],
    ["zendesk", { token: "t" }] => ["zendesk.token (CRM_SYNC_ZENDESK_TOKEN) are set", "leave only one of them"]
  }.each do |(service, settings), parts|
    it "is told for #{service} with #{settings.inspect[1..-2]}" do
      values = { host: "example.org", client_id: "id", client_secret: Simulated::SECRET, **settings }
      kind = CrmSync::Configuration.const_get("#{service.capitalize}Settings")
      expect { kind.new(:default, **values).native }.to raise_error(CrmSync::ConfigurationError) { |error|
        expect(error.message).to include(*parts)
        expect(error.message).not_to match(/#{Simulated::SECRET}|@/)
        unless %i[grant api_version].include?(settings.keys.first)
          expect(error.message).to include("CRM_SYNC_#{service.upcase}_#{settings.keys.first.upcase}")
        end
      }
    end
  end

  {
    "CRM_SYNC_PLAN_SECRET" => ["short", "plan_secret must be text of 16 characters or more"],
    "CRM_SYNC_HISTORY_DAYS" => ["never", "history_days must be a number of days"],
    "CRM_SYNC_SALESFORCE_ATTEMPTS" => ["five", "CRM_SYNC_SALESFORCE_ATTEMPTS is not a number; give one such as 5"]
  }.each do |variable, (value, message)|
    it "is told for #{variable}=#{value}" do
      stub_const("ENV", ENV.to_h.merge(variable => value))
      expect { CrmSync::Configuration.new.salesforce }.to raise_error(CrmSync::ConfigurationError) { |error|
        expect(error.message).to include(message, variable)
        expect(error.message).not_to include("short;")
      }
    end
  end

  it "is told for a logger that is none" do
    writing_only = Struct.new(:debug, :info, :warn, :error).new # nobody could ask it which lines it takes
    ["log/sync.log", writing_only].each do |logger|
      expect { CrmSync::Configuration.new.logger = logger }
        .to raise_error(CrmSync::ConfigurationError, "logger must be a Logger, such as Logger.new($stdout)")
    end
  end

  {
    "CRM_SYNC_SALESFORCE_HOTS" => "did you mean CRM_SYNC_SALESFORCE_HOST?",
    "CRM_SYNC_SALESFORCE_CLIENTID" => "did you mean CRM_SYNC_SALESFORCE_CLIENT_ID?",
    "CRM_SYNC_SALESFORCE_MARKETING_CLIENTS_ID" => "docs/configuration.md lists them",
    "CRM_SYNC_STATEDIR" => "did you mean CRM_SYNC_STATE_DIR?",
    "CRM_SYNC_SALEFORCE_HOST" => "did you mean CRM_SYNC_SALESFORCE_HOST?"
  }.each do |variable, mend|
    it "is told in the log, once, for the variable #{variable}" do
      stub_const("ENV", ENV.to_h.merge(variable => "x"))
      settings = CrmSync::Configuration::SalesforceSettings.new(:default, host: "example.org", client_id: "id",
                                                                          client_secret: "s")
      text = logged do
        settings.native
        settings.attempts = 3
        settings.native
      end
      warned = "the environment variable #{variable} is not a setting, and changes nothing; #{mend}"
      expect(text.scan(/WARN.*Salesforce: (.*)/).flatten).to eq([warned])
    end
  end

  it "is not told for the variables of another service, or of an org with a name" do
    stub_const("ENV", ENV.to_h.merge("CRM_SYNC_ZENDESK_HOTS" => "x", "CRM_SYNC_SALESFORCE_MARKETING_HOST" => "x"))
    settings = CrmSync::Configuration::SalesforceSettings.new(:default, host: "example.org", client_id: "id",
                                                                        client_secret: "s")
    expect(logged { settings.native }).not_to include("WARN")
  end

  it "is told for the variable of an org whose name is mistyped, where the right one is missed" do
    stub_const("ENV", ENV.to_h.merge("CRM_SYNC_SALESFORCE_MARKTING_HOST" => "x"))
    settings = CrmSync::Configuration::SalesforceSettings.new(:marketing, client_id: "id", client_secret: "s")
    expect { settings.native }
      .to raise_error(CrmSync::ConfigurationError, /there is CRM_SYNC_SALESFORCE_MARKTING_HOST: is that one meant\?/)
  end

  it "takes hosts that are right, however they are written" do
    ["Example.my.salesforce.com", "https://example.my.salesforce.com/", " example.org", "example.org:8443",
     "http://localhost:9", "http://[::1]:9", "example--dev.sandbox.my.salesforce.com"].each do |host|
      settings = CrmSync::Configuration::SalesforceSettings.new(:default, host:, client_id: "id", client_secret: "s")
      expect { settings.native }.not_to raise_error, host
    end
    jwt = { grant: :jwt_bearer, client_id: "id", username: "u", private_key: "k" }
    settings = CrmSync::Configuration::SalesforceSettings.new(:default, host: "login.salesforce.com", **jwt)
    expect { settings.native }.not_to raise_error
  end
end
