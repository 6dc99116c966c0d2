# frozen_string_literal: true

require "rails_helper"
require_relative "../support/zendesk_desk"

# Reading and writing an account without a sync.
RSpec.describe CrmSync::Zendesk::Client do
  include ZendeskDesk

  describe "#organizations" do
    it "gives all, as the API writes them, whatever the pages" do
      desk do |zendesk|
        expect(zendesk_client.organizations.to_a).to eq(zendesk.organizations)
        expect(asked(zendesk, "GET", "/organizations")).to eq(3)
      end
      desk(0) { expect(zendesk_client.organizations.to_a).to eq([]) }
    end

    it "keeps every key and value, also those that mean something in Salesforce's answers" do
      fields = { "attributes" => "a", "totalSize" => 2, "records" => "[]", "half" => 1.5, "whole" => 2.0 }
      kinds = { "totalSize" => :integer, "half" => :decimal, "whole" => :decimal }
      defined = fields.keys.map { |key| { key:, type: kinds.fetch(key, :text) } }
      organization = { "id" => 6_164_110_656_794, "name" => "Ünicode\n", "details" => nil, "notes" => "",
                       "tags" => ["a"], "organization_fields" => fields }
      desk(organizations: [organization], organization_fields: defined) do
        expect(zendesk_client.organizations.first).to include(organization)
        expect(zendesk_client.organizations.first["organization_fields"]["whole"]).to be_a(Float)
      end
    end

    it "sends nothing before the first one is asked for, and no more than is read" do
      desk(200) do |zendesk|
        rows = zendesk_client.organizations
        lazy = rows.lazy.map { |row| row["id"] }
        expect([rows.size, zendesk.requests.size]).to eq([nil, 0])
        expect(lazy.first(3)).to eq([1, 2, 3])
        # A sign-in, a count, the page that is read, one that waits, one that is to wait, and one on its way.
        expect(zendesk.requests.size).to be <= 6
      end
    end

    it "asks anew each time, and after a rewind" do
      desk(3) do |zendesk|
        rows = zendesk_client.organizations
        expect([rows.to_a, rows.to_a]).to all(eq(zendesk.organizations))
        expect(rows.next["id"]).to eq(1)
        zendesk.replace([{ "id" => 7, "name" => "N7" }])
        rows.rewind
        expect(rows.next["id"]).to eq(7)
        expect { rows.next }.to raise_error(StopIteration)
      end
    end

    it "goes on when the token ends in the middle" do
      desk(faults: fault(:organizations, :expire_token, skip: 1)) do |zendesk|
        expect(zendesk_client.organizations.map { |row| row["id"] }).to eq([*1..10])
        expect(asked(zendesk, "POST", "/oauth/tokens")).to eq(2)
      end
    end

    it "serves threads that share a client, with one sign-in" do
      desk(latency_ms: 2) do |zendesk|
        shared = zendesk_client
        read = Array.new(6) { Thread.new { shared.organizations.map { |row| row["id"] } } }.map(&:value)
        expect(read).to all(eq([*1..10]))
        expect(asked(zendesk, "POST", "/oauth/tokens")).to eq(1)
      end
    end
  end

  describe "#organization_fields" do
    it "gives their definitions" do
      desk do
        type = { "key" => "account_type", "type" => "dropdown", "title" => "Account type", "active" => true,
                 "tag" => nil, "options" => [{ "name" => "Open partner", "value" => "open_partner" },
                                             { "name" => "Select partner", "value" => "select_partner" }] }
        mark = { "key" => "mark_for_deletion", "type" => "checkbox", "title" => "mark_for_deletion", "active" => false,
                 "tag" => "marked", "options" => [] }
        expect(zendesk_client.organization_fields).to eq([type, mark])
      end
    end
  end

  describe "#create" do
    def created(zendesk, name)
      zendesk.organizations.select { |row| row["name"] == name }
    end

    it "gives the id of what is there then" do
      desk do |zendesk|
        id = zendesk_client.create("name" => "Big Co", organization_fields: { account_type: "open_partner" })
        expect(created(zendesk, "Big Co")).to match([a_hash_including("id" => id, "tags" => ["open_partner"])])
      end
    end

    %i[lost_answer close].each do |answer|
      it "makes one, and not two, where there is a #{answer.to_s.tr("_", " ")}" do
        desk(faults: fault(:create, answer)) do |zendesk|
          id = zendesk_client.create(name: "Big Co")
          expect(created(zendesk, "Big Co").map { |row| row["id"] }).to eq([id])
        end
      end
    end

    it "names who has the name or the external id" do
      desk(organizations: [{ "id" => 17, "name" => "Big Co", "external_id" => "x" }]) do
        expect { zendesk_client.create(name: " big co ") }.to raise_error(CrmSync::RemoteError) { |error|
          expect(error).to have_attributes(service: "Zendesk", code: "DuplicateValue")
          expect(error.message).to match(/creation of an organization failed: .*taken.*; organization 17 has it \(Dup/)
        }
        expect { zendesk_client.create(name: "Other", external_id: "X") }
          .to raise_error(CrmSync::RemoteError, /organization 17 has it/)
      end
    end

    it "says what Zendesk did not know, and what is there all the same" do
      desk do |zendesk|
        expect { zendesk_client.create(name: "Big Co", shoe_size: 7) }
          .to raise_error(CrmSync::RemoteError, /does not know .*shoe_size.*; all else is there, as organization \d+/)
        expect(created(zendesk, "Big Co").size).to eq(1)
      end
    end

    it "says that nobody knows, and to look" do
      faults = [{ on: :create, answer: :lost_answer }, { on: :lookup, answer: { status: { status: 500 } } }]
      desk(faults:) do
        expect { zendesk_client.create(name: "Big Co") }
          .to raise_error(CrmSync::RemoteError, /has no known end: .*may or may not be written.*look for it before/)
      end
    end

    it "raises what is no matter of this organization alone" do
      desk(faults: [{ on: :create, answer: { error: { status: 403, code: "Forbidden" } } }]) do
        expect { zendesk_client.create(name: "Big Co") }
          .to raise_error(CrmSync::RemoteError) { |error| expect(error.status).to eq(403) }
      end
    end

    it "refuses what cannot be a row before anything is sent" do
      desk do |zendesk|
        { [1] => /not a Hash/, { id: 1, name: "a" } => /has no id; update_many/, { name: "\xFF" } => /not UTF-8/ }
          .each do |row, why|
            expect { zendesk_client.create(row) }.to raise_error(ArgumentError, why)
          end
        expect(zendesk.requests).to be_empty
      end
    end
  end

  describe "#update_many" do
    def rows(ids, **change)
      ids.map { |id| { id:, **change } }
    end

    it "writes each row, by as many jobs as it takes" do
      desk(250, page_size: 100) do |zendesk|
        expect(zendesk_client.update_many(rows(1..250, notes: "new"))).to eq([nil] * 250)
        expect(zendesk.organizations.map { |row| row["notes"] }).to all(eq("new"))
        expect(zendesk.jobs.map { |job| job["total"] }).to contain_exactly(100, 100, 50)
      end
    end

    it "leaves fields alone that are not given, and takes ids as text" do
      before = { "account_type" => "open_partner", "mark_for_deletion" => false }
      organization = { "id" => 1, "name" => "A", "notes" => "old", "organization_fields" => before }
      desk(organizations: [organization]) do |zendesk|
        row = { "id" => "1", "organization_fields" => { "mark_for_deletion" => true } }
        expect(zendesk_client.update_many([row])).to eq([nil])
        expect(zendesk.organizations.first)
          .to include("notes" => "old", "organization_fields" => before.merge("mark_for_deletion" => true))
      end
    end

    it "tells of each row what went wrong, in order" do
      desk do |zendesk|
        wrong = [{ id: 1, notes: "new" }, { id: 2, name: "n9" }, { id: 77, notes: "new" }, { id: 3, shoe_size: 7 },
                 { id: 4, notes: "newer" }]
        errors = zendesk_client.update_many(wrong)
        expect(errors.map(&:class)).to eq([NilClass, *[CrmSync::RemoteError] * 3, NilClass])
        expect(errors.compact.map(&:message)).to match(
          [/\AZendesk: the update of organization 2 failed: .*has already been taken.* \(OrganizationUpdateFailed\)/,
           /organization 77 failed: .*not found/, /organization 3 failed: .*know .*shoe_size.*; all else is written/]
        )
        expect(zendesk.organizations.values_at(0, 3).map { |row| row["notes"] }).to eq(%w[new newer])
      end
    end

    it "does not believe a job that says it has completed" do
      failures = { item_failures: { count: 9, details: "Notes: too long" } }
      desk(faults: fault(:update_many, failures)) do
        errors = zendesk_client.update_many(rows(1..10, notes: "new"))
        expect(errors.map { |error| error&.message }).to match([*[/too long/] * 9, nil])
      end
    end

    it "says what nobody knows" do
      desk(faults: fault(:update_many, { missing_results: 3 })) do
        errors = zendesk_client.update_many(rows(1..10, notes: "new"))
        expect(errors.map { |error| error&.message }).to match([*[nil] * 7, *[/has no known end: .*look for it/] * 3])
      end
    end

    it "gives the reason why nothing was tried" do
      desk(faults: [{ on: :token, answer: { status: { status: 401, body: "{}" } } }]) do |zendesk|
        errors = zendesk_client.update_many(rows(1..3, notes: "new"))
        expect(errors).to all(be_a(CrmSync::AuthenticationError).and(have_attributes(status: 401)))
        expect(zendesk.jobs).to be_empty
      end
    end

    it "asks nothing for no rows" do
      desk do |zendesk|
        expect(zendesk_client.update_many([])).to eq([])
        expect(zendesk.requests).to be_empty
      end
    end

    it "refuses what cannot be a row, by its number, before anything is sent" do
      good = { id: 1, notes: "new" }
      { [good, 7] => /row 2 is not a Hash/, [good, { notes: "new" }] => /row 2 has no id/,
        [{ id: -1 }] => /id of row 1 cannot be/, [{ id: "1x" }] => /id of row 1/, [{ id: 1.5 }] => /id of row 1/,
        [{ id: 2**64 }] => /id of row 1/, [good, { id: 2, notes: Float::NAN }] => /row 2 cannot be JSON/,
        [good, { id: 2 }, { id: "1", notes: "newer" }] => /row 3 is about organization 1, as row 1 is/,
        nil => /not a list/ }.each do |rows, why|
          desk do |zendesk|
            expect { zendesk_client.update_many(rows) }.to raise_error(ArgumentError, why)
            expect(zendesk.requests).to be_empty
          end
        end
    end
  end

  describe "#job" do
    it "tells how a job is" do
      desk do |zendesk|
        zendesk_client.update_many([{ id: 1, notes: "new" }])
        id = zendesk.jobs.first["id"]
        expect(zendesk_client.job(id)).to include("id" => id, "status" => "completed", "total" => 1, "progress" => 1)
        expect(zendesk_client.job(id)["results"]).to match([a_hash_including("id" => 1, "status" => "Updated")])
      end
    end

    it "knows no other ones, and takes no text for a path" do
      desk do |zendesk|
        expect { zendesk_client.job("../users") }
          .to raise_error(CrmSync::RemoteError) { |error| expect(error.status).to eq(404) }
        expect(zendesk.requests.last["path"]).to end_with("/job_statuses/..%2Fusers")
        [nil, 7, " "].each { |id| expect { zendesk_client.job(id) }.to raise_error(ArgumentError, /not blank/) }
      end
    end
  end

  it "shows no secret" do
    desk do
      zendesk_client.organizations.first
      settings = CrmSync::Zendesk.settings
      [zendesk_client, settings, settings.native, zendesk_client.organizations].each do |object|
        expect(object.inspect + object.to_s + JSON.generate(object.as_json)).not_to include(Simulated::SECRET)
      end
    end
  end
end
