# frozen_string_literal: true

require "rails_helper"

# Covers faults on the way to Salesforce and back: each ends in an error that says who, what and how often, after a
# bounded number of requests, with nothing written.
RSpec.describe UpdateUserSalesforceInfo do
  using_database :sqlite

  before { create_teachers(3) }

  # Returns the answer to a fault's request, in the form of the REST API's errors.
  def self.error(status, code, message = "no reason")
    { error: { status:, code:, message: } }
  end

  def self.body(status, text, **headers)
    { status: { status:, body: text, content_type: "application/json", headers: } }
  end

  deep = "{\"totalSize\":1,\"done\":true,\"records\":#{"[" * 100_000}"
  hidden = "{\"totalSize\":1,\"done\":true,\"extra\":#{"[" * 100_000}"
  unfit = "This session is not valid for use with the REST API"
  untold = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
  remote = CrmSync::RemoteError
  refused = CrmSync::AuthenticationError
  quota = CrmSync::QuotaExceeded

  # The class, its facts (attempts are 3 where another try may help), and what the message says.
  {
    "hangs" => [:query, :hang, remote, { attempts: 3 }, /no answer in time/],
    "hangs in the middle" => [:next_page, :hang, remote, { attempts: 3 }, /no answer in time/],
    "hangs at the sign-in" => [:token, :hang, remote, { attempts: 3 }, /the sign-in failed: no answer in time/],
    "answers 500 for ever" => [:query, error(500, "UNKNOWN_EXCEPTION"), remote,
                               { status: 500, code: "UNKNOWN_EXCEPTION", attempts: 3 }, /no reason/],
    "answers 500 without a word" => [:query, body(500, ""), remote, { status: 500, attempts: 3 }, /without a reason/],
    "answers 500 at the sign-in" => [:token, body(500, ""), remote, { status: 500, attempts: 3 }, /no sign-in/],
    "answers 502 from a gateway" => [:query, body(502, "<html>"), remote, { status: 502, attempts: 3 },
                                     /without a reas/],
    "returns HTML" => [:query, :html, remote, { status: 200, attempts: 3 }, /not the JSON/],
    "returns HTML at the sign-in" => [:token, :html, remote, { attempts: 3 }, /not what a sign-in gives/],
    "cuts a body short" => [:next_page, :truncate, remote, { attempts: 3 }, /broke or the answer was cut short/],
    "cuts the JSON" => [:next_page, :cut_json, remote, { status: 200, attempts: 3 }, /not the JSON.*or is cut short/],
    "nests without end" => [:query, body(200, deep), remote, { attempts: 1 }, /not whole: a record cannot be read/],
    "nests without end where nobody looks" => [:query, body(200, hidden), remote, { status: 200, attempts: 3 },
                                               /not the JSON/],
    "gives a page twice" => [:next_page, :repeat_page, remote, { attempts: 1 }, /not whole: contact \w+ came twice/],
    "skips a page" => [:next_page, :skip_page, remote, { attempts: 1 }, /not whole: \d rows? came of 5/],
    "loops its pages" => [:next_page, :next_loop, remote, { attempts: 1 }, /not whole: .*one as its next that came/],
    "loops its first page" => [:query, :next_loop, remote, { attempts: 1 }, /not whole: contact \w+ came twice/],
    "sends us to another port" => [:query, { next_host: "http://127.0.0.1:1" }, remote, { attempts: 1 },
                                   /another host/],
    "sends us to another host" => [:query, { next_host: "https://evil.invalid" }, remote, {}, /another host/],
    "sends us on without a scheme" => [:query, { next_host: "//evil.invalid" }, remote, {}, /another host/],
    "redirects" => [:query, body(302, "", Location: "https://evil.invalid"), remote, { status: 302, attempts: 1 },
                    /302/],
    "claims more rows than it sends" => [:any, { total_size: 99 }, remote, { attempts: 1 }, /\d rows? came of 99/],
    "claims fewer rows than it sends" => [:any, { total_size: 2 }, remote, { attempts: 1 }, /4 rows came of 2/],
    "changes its mind about the rows" => [:next_page, { total_size: 6 }, remote, { attempts: 1 },
                                          /changed from 5 to 6/],
    "trickles a body for ever" => [:query, { slow_body_ms: 80 }, remote, { attempts: 1 }, /before the deadline/],
    "asks to come back in a day" => [:query, { retry_after: 86_400 }, remote, { attempts: 1 }, /asks to wait 86400 s/],
    "drops every connection" => [:query, :close, remote, { attempts: 3 }, /connection broke/],
    "signs us in elsewhere" => [:token, :foreign_instance, remote, { attempts: 1 }, /a host that is not the org's/],
    "forgets every session" => [:query, :expire, refused, { status: 401, code: "INVALID_SESSION_ID" }, /expired/],
    "refuses the REST API" => [:query, error(401, "INVALID_SESSION_ID", unfit),
                               refused, { status: 401, attempts: 1 }, /not valid for use/],
    "refuses the app" => [:query, error(401, "INVALID_SESSION_ID", "Connected app is not attached to Agent"),
                          refused, { status: 401, attempts: 1 }, /not attached/],
    "has no quota left" => [:query, error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), quota,
                            { status: 403, code: "REQUEST_LIMIT_EXCEEDED", attempts: 1 }, /raise the org's limit/],
    "is too busy for ever" => [:query, error(403, "REQUEST_LIMIT_EXCEEDED", untold), quota, { attempts: 3 },
                               /Concurrent/],
    "forbids it" => [:query, error(403, "API_DISABLED_FOR_ORG"), remote, { status: 403, attempts: 1 }, /no reason/],
    "has retired the version" => [:query, error(410, "GONE"), remote, { status: 410, attempts: 1 },
                                  /set .*api_version/],
    "answers with somebody's address" => [:query, error(400, "MALFORMED_QUERY", "\e[31m no a@example.edu"), remote,
                                          { status: 400, attempts: 1 }, /failed: \[31m no \[address\] \(/]
  }.each do |what, (on, answer, kind, facts, message)|
    it "ends in #{kind.name} when Salesforce #{what}" do
      before = everything
      fault = { on:, answer:, **(on == :token ? {} : { object: "Contact" }) }
      simulate(faults: [fault], settings: { read_timeout: 0.4, deadline: 2 }, gzip: false) do |salesforce|
        # Contacts and leads are asked for at once, and a session that ends may end for both.
        most = answer == :expire ? { requests: 10, sign_ins: 4 } : {}
        expect_harmless_failure(salesforce, kind, { service: "Salesforce", **facts }, message, **most)
      end
      expect(everything).to eq(before)
    end
  end

  {
    "500 once" => { on: :query, times: 1, answer: error(500, "UNKNOWN_EXCEPTION") },
    "503 with Retry-After" => { on: :query, times: 1, answer: { retry_after: 1 } },
    "too busy once" => { on: :query, times: 1, answer: error(403, "REQUEST_LIMIT_EXCEEDED", untold) },
    "a connection that is dropped once" => { on: :any, times: 1, answer: :close },
    "a page that is cut short once" => { on: :next_page, times: 1, answer: :truncate },
    "HTML once" => { on: :next_page, times: 1, answer: :html },
    "silence once" => { on: :next_page, times: 1, answer: :hang },
    "500 at the sign-in once" => { on: :token, times: 1, answer: body(500, "") },
    "a session that ends in mid-run" => { on: :next_page, times: 1, answer: :expire }
  }.each do |what, fault|
    it "gets over #{what}" do
      simulate(faults: [fault], settings: { read_timeout: 0.5 }) do |salesforce|
        text = logged { expect(described_class.call.status).to eq(:applied) }
        expect(linked.count).to eq(3)
        expect(sign_ins(salesforce)).to eq(fault[:answer] == :expire || %i[token any].include?(fault[:on]) ? 2 : 1)
        expect(text).to have_no_secret
      end
    end
  end

  it "holds a body that unpacks to gigabytes to its limit" do
    simulate(faults: [{ on: :query, object: "Contact", answer: :bomb }]) do |salesforce|
      before = resident
      expect_harmless_failure(salesforce, remote, { attempts: 1 }, /unpacks to more than 64 MiB/)
      expect(resident - before).to be < 400
    end
  end

  it "signs in once with wrong credentials" do
    simulate(settings: { client_secret: "wrong-#{Simulated::SECRET}" }) do |salesforce|
      facts = { status: 400, code: "invalid_client", attempts: 1 }
      expect_harmless_failure(salesforce, refused, facts, /check salesforce.client_id and salesforce.client_secret/)
      expect(salesforce.requests.size).to eq(1)
    end
  end

  it "says so when the configured version is retired, and asks nobody" do
    simulate(settings: { api_version: "20.0" }) do |salesforce|
      expect_harmless_failure(salesforce, CrmSync::ConfigurationError, {}, /salesforce.api_version: .* retired/)
      expect(salesforce.requests).to be_empty
    end
  end

  it "says so when nobody listens" do
    salesforce = simulate
    url = salesforce.url
    salesforce.stop
    simulate(settings: { host: url }) do |other|
      expect_harmless_failure(other, remote, { status: nil, attempts: 3 }, /no connection/)
      expect(other.requests).to be_empty
    end
  end

  it "reads neither side alone: leads that cannot be read are no reason to sweep" do
    before = everything
    simulate(faults: [{ on: :query, object: "Lead",
                        answer: self.class.error(500, "UNKNOWN_EXCEPTION") }]) do |salesforce|
      expect_harmless_failure(salesforce, remote, { status: 500, attempts: 3 }, /the query on Lead/)
    end
    expect(everything).to eq(before)
  end

  describe "a name that Salesforce does not know" do
    let(:file) do
      described_class.instance_method(:itself) && Rails.root.join("app/routines/update_user_salesforce_info.rb")
    end
    let(:known) do
      %w[Email Email_alt__c Faculty_Verified__c School_Type__c AccountId Adoption_Status__c Grant_Tutor_Access__c]
    end

    def line(pattern)
      "#{file}:#{File.readlines(file).index { |text| text.match?(pattern) } + 1}: "
    end

    it "names the line of a field" do
      simulate(fields: { "Contact" => known - ["Grant_Tutor_Access__c"] }) do
        expect { described_class.plan }.to raise_error(CrmSync::MappingError) { |error|
          expect(error.message).to start_with(line(/attribute :grant_tutor_access/))
          expect(error.message).to include("Grant_Tutor_Access__c", "let the integration user see it")
        }
      end
    end

    it "names the line of a relation to a parent" do
      sync = stub_const("Strange", Class.new(described_class))
      sync.attribute :first_name, from: "Acount.Name"
      expect { simulate(fields: { "Contact" => known }) { sync.plan } }
        .to raise_error(CrmSync::MappingError, /\A#{__FILE__}:#{__LINE__ - 2}: .*'Acount'.*correct the name/)
    end

    it "names the line of an object" do
      stub_const("Strange", Class.new(CrmSync::ContactSync)).class_eval do
        contacts "Stranger__c"
        model "User", foreign_key: :salesforce_contact_id
        match_by(:contact_infos, column: :value, to: %w[Email]) { trust :verified }
      end
      simulate do
        expect { Strange.plan }
          .to raise_error(CrmSync::MappingError, /salesforce_spec.rb:\d+: .*'Stranger__c' is not supported/)
      end
    end
  end

  # Nothing about anybody is in a text, and nothing that signs in.
  matcher :have_no_secret do
    match { |text| !text.match?(/@|#{Simulated::SECRET}|Bearer|00D\w+!/i) }
  end

  def expect_harmless_failure(salesforce, kind, facts, message, **most)
    text = logged do
      expect { described_class.call }.to raise_error(kind, message) { |error|
        expect(error).to be_an_instance_of(kind).and have_attributes(facts)
        expect(error.full_message + error.inspect).to have_no_secret
      }
    end
    expect(text).to have_no_secret
    expect_little_done(salesforce, **most)
  end

  def expect_little_done(salesforce, requests: 9, sign_ins: 3)
    expect(linked).to be_empty
    expect(salesforce.requests.size).to be <= requests
    expect(self.sign_ins(salesforce)).to be <= sign_ins
    expect(salesforce.requests.map { |request| request["method"] }).not_to include("PATCH")
  end
end
