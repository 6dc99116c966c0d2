# frozen_string_literal: true

require "rails_helper"
require_relative "../../support/zendesk_desk"

# Covers faults on the way: they are tried again where that may help, and else are an error that tells what it was. No
# list that is not whole looks like one that is.
RSpec.describe CrmSync::Zendesk::Client do
  include ZendeskDesk

  status = ->(code, **more) { { status: { status: code, **more } } }
  json = { content_type: "application/json" }

  passing = {
    "a dropped connection" => :close, "silence" => :hang, "a gateway's page" => :html, "half a body" => :truncate,
    "half the JSON" => :cut_json, "HTTP 500" => status[500], "HTTP 503" => { unavailable: { retry_after: 1 } },
    "HTTP 429" => { too_many_requests: { retry_after: 2, body: "html" } },
    "the edge's 429" => { too_many_requests: { body: "edge" } }
  }.freeze

  passing.each do |what, answer|
    it "comes through #{what}" do
      desk(faults: fault(:organizations, answer, skip: 1), settings: { read_timeout: 0.3 }) do |zendesk|
        expect(zendesk_client.organizations.map { |row| row["id"] }).to eq([*1..10])
        expect(asked(zendesk, "GET", "/organizations")).to eq(4)
      end
    end
  end

  remote = CrmSync::RemoteError
  {
    "HTTP 500" => [status[500], remote, { status: 500, attempts: 3 }, /without a reason/],
    "silence" => [:hang, remote, { status: nil, attempts: 3 }, /the list of organizations failed/],
    "a gateway's page" => [:html, remote, { status: 200 }, /not the JSON/],
    "gzip without an end" => [:bomb, remote, {}, /unpacks to more than 0 MiB/],
    "too many requests" => [{ too_many_requests: {} }, CrmSync::QuotaExceeded, { status: 429 }, /zendesk.share/],
    "a wait without an end" => [{ too_many_requests: { retry_after: 86_400 } }, CrmSync::QuotaExceeded,
                                { attempts: 1 }, /asks to wait \d+ s; that is longer than `deadline`/],
    "missing rights" => [status[403, body: '{"error":"Forbidden"}', **json], remote, { status: 403, code: "Forbidden" },
                         /administrator/],
    "another address" => [status[301, headers: { location: "http://127.0.0.1:9/" }], remote, { status: 301 },
                          /set zendesk.host/],
    "another host for the next page" => [{ next_host: "http://127.0.0.1:9" }, remote, {}, /another host/],
    "a loop of pages" => [:next_loop, remote, {}, /came before|came twice/],
    "a page twice" => [:repeat_page, remote, {}, /came before|came twice/],
    "a page that is left out" => [:skip_page, remote, {}, /organizations came of 10/],
    "an end before the end" => [:early_end, remote, {}, /organizations came of 10/]
  }.each do |what, (answer, kind, facts, message)|
    it "ends a list with an error for #{what}" do
      text = logged do
        desk(faults: [{ on: :organizations, skip: 1, answer: }],
             settings: { read_timeout: 0.3, max_page_bytes: 1_000_000, deadline: 60 }) do
          expect { zendesk_client.organizations.to_a }.to raise_error(kind, message) { |error|
            expect(error).to be_an_instance_of(kind).and have_attributes(service: "Zendesk", **facts)
            expect(error.full_message).not_to include(Simulated::SECRET)
          }
        end
      end
      expect(text).not_to match(/#{Simulated::SECRET}|Bearer/)
    end
  end

  it "ends a list that is longer than it may be" do
    desk(settings: { max_rows: 9 }) do
      expect { zendesk_client.organizations.to_a }.to raise_error(CrmSync::RemoteError, /than 9 rows; raise `max_rows`/)
    end
  end

  it "ends a list with the deadline" do
    desk(faults: [{ on: :organizations, answer: :hang }], settings: { deadline: 0.3 }) do
      expect { zendesk_client.organizations.to_a }.to raise_error(CrmSync::RemoteError, /deadline/)
    end
  end

  describe "the sign-in" do
    it "is refused with advice, and without the secret" do
      desk(settings: { client_secret: "wrong-#{Simulated::SECRET}" }) do
        expect { zendesk_client.organization_fields }.to raise_error(CrmSync::AuthenticationError) { |error|
          expect(error).to have_attributes(status: 401, code: "invalid_client")
          expect(error.message).to include("check zendesk.client_id and zendesk.client_secret")
          expect(error.full_message).not_to include(Simulated::SECRET)
        }
      end
    end

    it "is not needed with an API token" do
      desk(email: "ann@b.edu", api_token: "t", settings: { email: "ann@b.edu/token", api_token: "t" }) do |zendesk|
        expect(zendesk_client.organization_fields.size).to eq(2)
        expect(asked(zendesk, "POST", "/oauth/tokens")).to eq(0)
      end
    end

    it "cannot be done again with a token" do
      desk(settings: { token: "ended" }) do
        expect { zendesk_client.organization_fields }
          .to raise_error(CrmSync::RemoteError, /zendesk.token has ended or was revoked/)
      end
    end
  end

  it "writes what it does into the log" do
    text = logged { desk(faults: fault(:fields, status[500])) { zendesk_client.organization_fields } }
    expect(text).to match(/INFO[^:]*: Zendesk: signed in$/)
    expect(text).to match(/WARN.*organization fields: .*; next try in/)
  end
end
