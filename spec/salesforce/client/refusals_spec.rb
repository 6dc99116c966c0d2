# frozen_string_literal: true

require "rails_helper"

# Covers refusals of Salesforce, in its own words and codes: the class and the facts for programs, and for people what
# to do.
RSpec.describe CrmSync::Salesforce::Client do
  remote = CrmSync::RemoteError
  refused = CrmSync::AuthenticationError
  quota = CrmSync::QuotaExceeded
  kinds = { serial: :query, parallel: :query, bulk: :job }

  {
    # A real one: what matters comes after a long piece of the query.
    "an id that is none" => [400, "INVALID_QUERY_FILTER_OPERATOR",
                             "\n#{"FROM Contact WHERE " * 20}(Id = 'somethingwonky') LIMIT 1\n   ^\nERROR at " \
                             "Row:1:Column:258\ninvalid ID field: somethingwonky", remote,
                             /failed: ERROR at Row:1:Column:258 invalid ID field: somethingwonky \(/],
    "a query that is none" => [400, "MALFORMED_QUERY", "unexpected token: FORM", remote, /unexpected token: FORM/],
    "a field that the user does not see" => [400, "INVALID_FIELD", "No such column 'Fax2' on entity 'Contact'.", remote,
                                             /'Fax2' .*correct the name, or let the integration user see it/],
    "an object that the user does not see" => [400, "INVALID_TYPE", "sObject type 'Cntact' is not supported.", remote,
                                               /'Cntact' .*correct the name, or let the integration user see it/],
    "what is not there" => [404, "NOT_FOUND", "The requested resource does not exist", remote, /does not exist/],
    "several rows for one id" => [300, "MULTIPLE_CHOICES", "", remote, /HTTP 300/],
    "too far an offset" => [400, "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000", remote, /2000/],
    "an object without pages" => [400, "EXCEEDED_ID_LIMIT", "EntityDefinition does not support queryMore()", remote,
                                  /does not support queryMore/],
    "a retired version" => [410, "GONE", "", remote, /set salesforce.api_version to a version that is still supp/],
    "a retired version, as jobs say it" => [400, "InvalidVersion", "", remote, /set salesforce.api_version to a/],
    "too long a URI" => [414, "URI_TOO_LONG", "", remote, /too long: name fewer fields, or bind its list as a value/],
    "too long a head" => [431, "HEADERS_TOO_LARGE", "", remote, /too long: name fewer fields, or bind its list/],
    "too much of a query" => [400, "QUERY_TOO_COMPLICATED", "Query is either selecting too many fields or the filter " \
                                                            "conditions are too complicated.", remote,
                              /name fewer fields, or ask for fewer conditions/],
    "an org without API" => [403, "API_DISABLED_FOR_ORG", "", remote, /edition or the user's profile has no API/],
    "a user without API" => [403, "API_CURRENTLY_DISABLED", "", remote, /edition or the user's profile has no API/],
    "a user without the right" => [403, "INSUFFICIENT_ACCESS", "", remote, /integration user may not do that/],
    "the REST API to this session" => [401, "INVALID_SESSION_ID",
                                       "This session is not valid for use with the REST API", refused, /not valid for/],
    "the app" => [401, "INVALID_SESSION_ID", "Connected app is not attached to Agent", refused, /not attached to/],
    "more of the day's calls" => [403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", quota,
                                  /wait, or raise the org's limit/]
  }.each do |what, (status, code, text, kind, message)|
    kinds.each do |way, on|
      it "is told of #{what} in a #{way} read, and asks once" do
        org(faults: [{ on:, answer: api_error(status, code, text) }]) do |salesforce|
          requests = way == :bulk ? 4 : 2 # with the sign-in, and descriptions of both objects before a job
          expect_failure(salesforce, kind, { status:, code:, attempts: 1 }, message, requests:) { read(way) }
        end
      end
    end
  end

  it "is told by a date when to come back, and asks once where that is too late" do
    tomorrow = { status: { status: 503, headers: { "Retry-After" => 1.day.from_now.httpdate } } }
    org(faults: [{ on: :query, answer: tomorrow }]) do |salesforce|
      facts = { status: 503, attempts: 1 }
      expect_failure(salesforce, remote, facts, /asks to wait \d+ s; that is longer than `deadline`/) { read(:serial) }
    end
  end

  it "tries three times where there is too much at once, and then says so" do
    busy = api_error(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")
    org(faults: [{ on: :query, answer: busy }]) do |salesforce|
      facts = { status: 403, code: "REQUEST_LIMIT_EXCEEDED", attempts: 3 }
      expect_failure(salesforce, quota, facts, /Concurrent/) { read(:serial) }
    end
  end

  it "names the field and the place that a real server of queries names" do
    org(fields: { "Contact" => %w[Email AccountId], "Account" => %w[Name] }) do |salesforce|
      expect_failure(salesforce, remote, { status: 400, code: "INVALID_FIELD" },
                     /'Nope__c'.*let the integration user/) do
        read(:serial, "SELECT Id, Nope__c FROM Contact")
      end
      expect { client.retrieve("Contact", [contact_id(1)], %w[Nope__c]) }.to raise_error(remote, /'Nope__c'/)
      expect { read(:bulk, "SELECT Id, Nope.Name FROM Contact") }.to raise_error(remote, /Contact has no parent Nope/)
    end
  end

  it "is told by bytes that a query is too long" do
    org do |salesforce|
      { 16_500 => 414, 16_250 => 431 }.each do |length, status|
        soql = "SELECT Id FROM Contact WHERE Email = '#{"x" * (length - 90)}'"
        # Past the check of Soql.bind, which would refuse it before.
        reading = lambda do
          settings = CrmSync::Salesforce.settings
          host = CrmSync::Host.new(CrmSync::Log.new("spec"), settings.sessions)
          CrmSync::Native::Query.start(settings.native, soql, false, "auto", host).next(host)
        end
        expect(&reading).to raise_error(remote, /bind its list as a value/) { |error|
                              expect(error.status).to eq(status)
                            }
      end
      expect { read(:auto, "SELECT Id FROM Contact WHERE Email = '#{"x" * 15_000}'") }
        .to raise_error(ArgumentError, /takes \d+ bytes/)
      expect(sign_ins(salesforce)).to eq(1)
    end
  end

  describe "a session that Salesforce never takes" do
    { serial: 5, parallel: 5, bulk: 8 }.each do |way, requests|
      it "ends a #{way} read after three sign-ins" do
        org(faults: [{ on: kinds.fetch(way), answer: :expire }]) do |salesforce|
          facts = { status: 401, code: "INVALID_SESSION_ID" }
          expect_failure(salesforce, refused, facts, /expired/, sign_ins: 3, requests: requests + 1) { read(way) }
        end
      end
    end

    it "ends a retrieval in many calls, and the question for limits, after few sign-ins" do
      org(faults: %i[retrieve limits].map { |on| { on:, answer: :expire } }) do |salesforce|
        ids = (1..9_000).map { |n| contact_id(n) }
        expect { client.retrieve("Contact", ids, %w[Id]) }.to raise_error(refused)
        before = sign_ins(salesforce)
        expect(before).to be <= 5 # three, but for calls that are late to hear of the third
        expect { client.limits }.to raise_error(refused)
        expect(sign_ins(salesforce) - before).to be <= 3
      end
    end
  end

  describe "the quota" do
    # Says the numbers, the reserve, and how to change it.
    reserve = /95 of 100 calls of the day are used \(api-usage\), and a reserve of 5 is left to others; .*quota_reserve/

    %i[serial parallel bulk].each do |way|
      it "ends a #{way} read before its reserve is touched" do
        org(quota: { used: 93, limit: 100 }) do |salesforce|
          facts = { code: "QUOTA_RESERVE", status: nil, attempts: 0 }
          expect_failure(salesforce, quota, facts, reserve, requests: 6) { read(way) }
          expect(client.limits["DailyApiRequests"][:remaining]).to be_between(0, 5)
        end
      end
    end

    it "is that of the app where it has one of its own" do
      org(quota: { used: 1, limit: 5_000, per_app: { used: 246, limit: 250, name: "x" } }) do |salesforce|
        expect_failure(salesforce, quota, {}, /24\d of 250 .*\(per-app-api-usage\)/, requests: 4) { read(:serial) }
      end
    end

    it "is used up to the last call where no reserve is wanted, and then Salesforce says so" do
      org(quota: { used: 97, limit: 100 }, settings: { quota_reserve: 0 }) do |salesforce|
        expect_failure(salesforce, quota, {}, /100 of 100 calls/, requests: 5) { read(:serial) }
        expect(salesforce.requests.map { |request| request["status"] }).to all(eq(200))
      end
    end

    it "is spared by jobs: one is ended even when it is reached in the middle" do
      org(count: 200, quota: { used: 88, limit: 100 }) do |salesforce|
        expect_failure(salesforce, quota, { code: "QUOTA_RESERVE" }, /a reserve of 5/, requests: 12) { read(:bulk) }
        expect(salesforce.jobs.map { |job| job["deleted"] }).to eq([true])
      end
    end
  end
end
