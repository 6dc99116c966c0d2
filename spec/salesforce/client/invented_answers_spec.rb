# frozen_string_literal: true

require "rails_helper"

# Covers answers that Salesforce, or whoever answers for it, repeats or makes up.
RSpec.describe CrmSync::Salesforce::Client do
  let(:client) { CrmSync::Salesforce.client }

  def answer(body)
    { status: { status: 200, body: JSON.generate(body), content_type: "application/json" } }
  end

  unusable = ["a\r\nX-Evil: 1", "a\nb", "a\0b", "", "a b", "ä", "a\tb"]

  it "refuses a token that cannot be sent, does not print it, and stores nothing" do
    unusable.each do |token|
      store = CrmSync::Internal::SessionMemory.new
      written = []
      store.define_singleton_method(:write) { |*record| written << record }
      fault = { on: :token, times: 1, answer: answer(access_token: token, instance_url: "http://127.0.0.1:1") }
      simulate(faults: [fault], settings: { session_store: store }) do
        expect { client.limits }.to raise_error(CrmSync::RemoteError) { |error|
          expect(error.message).to include("access token with characters that no token has")
          expect(error.message).not_to include("Evil")
        }
        expect(written).to be_empty
        expect(client.limits).to include("DailyApiRequests")
      end
    end
  end

  it "stores no session with a foreign host" do
    store = CrmSync::Internal::SessionMemory.new
    simulate(faults: [{ on: :token, times: 1, answer: :foreign_instance }], settings: { session_store: store }) do
      expect { client.limits }.to raise_error(CrmSync::RemoteError, /a host that is not the org's/)
      expect(client.limits).to include("DailyApiRequests")
    end
  end

  it "drops a stored session that cannot be used, for a new one" do
    [*unusable.map { |token| { "access_token" => token } }, { "instance_url" => "https://evil.invalid" },
     { "instance_url" => "x" }, { "access_token" => "\xFF" }].each do |wrong|
      store = CrmSync::Internal::SessionMemory.new
      stored = nil
      store.define_singleton_method(:read) { |_| stored }
      store.define_singleton_method(:write) { |_, record| stored = record }
      simulate(settings: { session_store: store }) do |salesforce|
        stored = { "access_token" => "T", "instance_url" => salesforce.url, "at" => Time.now.to_f, **wrong }
        expect(client.limits).to include("DailyApiRequests")
        expect(stored["access_token"]).to match(/\A00D/)
        expect(sign_ins(salesforce)).to eq(1)
      end
    end
  end

  it "takes nothing else for a record" do
    [1, "a", true, [], { Id: 5 }, { iD: contact_id(2) }].each do |record|
      simulate(faults: [{ on: :retrieve, times: 1, answer: answer([record]) }]) do
        expect { client.retrieve("Contact", [contact_id(1)], %w[Id Email]) }
          .to raise_error(CrmSync::RemoteError, /in the place of another one/)
      end
    end
  end

  it "does not take a record for another one" do
    records = [1, 1].map { |number| { Id: contact_id(number), Email: "teacher1@example.edu" } }
    simulate(faults: [{ on: :retrieve, times: 1, answer: answer(records) }]) do
      ids = [contact_id(1), contact_id(2)]
      expect { client.retrieve("Contact", ids, %w[Id Email]) }
        .to raise_error(CrmSync::RemoteError, /a record stands in the place of another one/)
      expect(client.retrieve("Contact", ids, %w[Id Email]).map { |row| row["Id"] }).to eq(ids)
    end
  end

  it "does not take a page that came twice under two names" do
    page = { totalSize: 6, done: false, nextRecordsUrl: "/services/data/v66.0/query/01g000000000001-2",
             records: [1, 2].map { |number| { attributes: { type: "Contact" }, Id: contact_id(number) } } }
    simulate(faults: [{ on: :next_page, times: 1, answer: answer(page) }], contacts: 6, page_size: 2) do
      expect { client.query("SELECT Id FROM Contact", by: :serial).to_a }
        .to raise_error(CrmSync::RemoteError, /a page came twice/)
    end
  end
end
