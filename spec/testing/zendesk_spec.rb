# frozen_string_literal: true

require "spec_helper"
require "json"
require "net/http"
require "crm_sync/testing"

# The simulator as a host's spec sees it, by plain HTTP.
RSpec.describe CrmSync::Testing::Zendesk do
  let(:fields) { [{ key: "account_type", type: :dropdown, custom_field_options: %w[open_partner select_partner] }] }
  let(:organizations) do
    [{ "id" => 1, "name" => "Big Co", "organization_fields" => { "account_type" => "open_partner" } }]
  end

  def ask(zendesk, verb, path, body = nil, token: nil)
    uri = URI("#{zendesk.url}#{path}")
    request = Net::HTTP.const_get(verb).new(uri, "Content-Type" => "application/json")
    request["Authorization"] = "Bearer #{token}" if token
    request.body = JSON.generate(body) if body
    response = Net::HTTP.start(uri.host, uri.port, nil) { |http| http.request(request) }
    [response.code.to_i, (JSON.parse(response.body) if response.content_type == "application/json")]
  end

  def token(zendesk)
    login = { grant_type: "client_credentials", client_id: "me", client_secret: "hush", scope: "read write" }
    ask(zendesk, :Post, "/oauth/tokens", login).last.fetch("access_token")
  end

  # The clock all but stands still, so that only `advance` moves it.
  def zendesk(**options, &)
    described_class.start(organizations:, organization_fields: fields, clock_speed: 0.001, **options, &)
  end

  it "gives its organizations to who has a token" do
    zendesk(client_secret: "hush") do |zendesk|
      expect(ask(zendesk, :Get, "/api/v2/organizations?page[size]=5").first).to eq(401)
      status, page = ask(zendesk, :Get, "/api/v2/organizations?page[size]=5", token: token(zendesk))
      expect(status).to eq(200)
      expect(page["organizations"].map { |row| row.values_at("id", "name") }).to eq([[1, "Big Co"]])
      expect(page["organizations"]).to eq(zendesk.organizations)
      expect(zendesk.requests.map { |request| request.values_at("path", "status") })
        .to eq([["/api/v2/organizations", 401], ["/oauth/tokens", 200], ["/api/v2/organizations", 200]])
      expect(zendesk.requests.to_s).not_to include("hush")
    end
  end

  it "does jobs by its own clock" do
    zendesk(job_seconds: 10) do |zendesk|
      bearer = token(zendesk)
      row = { id: 1, organization_fields: { account_type: "select_partner" } }
      _, answer = ask(zendesk, :Put, "/api/v2/organizations/update_many", { organizations: [row] }, token: bearer)
      id = answer.dig("job_status", "id")
      expect(zendesk.jobs).to match([a_hash_including("id" => id, "work" => "update", "status" => "queued")])
      zendesk.advance(11)
      expect(zendesk.now).to be_between(11, 12)
      _, answer = ask(zendesk, :Get, "/api/v2/job_statuses/#{id}", token: bearer)
      expect(answer.dig("job_status", "status")).to eq("completed")
      expect(zendesk.organizations.first).to include("tags" => ["select_partner"])
    end
  end

  it "fails as it is told to" do
    fault = { on: :organizations, times: 1, answer: { too_many_requests: { retry_after: 17 } } }
    zendesk(faults: [fault]) do |zendesk|
      bearer = token(zendesk)
      codes = Array.new(2) { ask(zendesk, :Get, "/api/v2/organizations", token: bearer).first }
      expect(codes).to eq([429, 200])
    end
  end

  it "takes other organizations, and refuses what cannot be one" do
    zendesk do |zendesk|
      zendesk.replace([{ "id" => 2, "name" => "Small Co" }])
      expect(zendesk.organizations.map { |row| row["name"] }).to eq(["Small Co"])
      expect { zendesk.replace([{ "id" => 2 }, { "id" => 2 }]) }.to raise_error(ArgumentError, /2 cannot be the id/)
      expect { zendesk.advance(-1) }.to raise_error(ArgumentError)
    end
    expect { described_class.start(speed: 2) }.to raise_error(ArgumentError, /unknown field `speed`/)
  end

  it "answers nobody once it is stopped, and can still be read" do
    zendesk = self.zendesk
    token(zendesk)
    zendesk.stop
    expect { ask(zendesk, :Get, "/api/v2/organizations") }.to raise_error(SystemCallError)
    expect([zendesk.organizations.size, zendesk.requests.size]).to eq([1, 1])
    expect(zendesk.inspect).to include("127.0.0.1")
  end

  it "does not start in production" do
    before = ENV.fetch("RACK_ENV", nil)
    ENV["RACK_ENV"] = "production"
    expect { described_class.start }.to raise_error(CrmSync::ConfigurationError, /production/)
  ensure
    ENV["RACK_ENV"] = before
  end
end
