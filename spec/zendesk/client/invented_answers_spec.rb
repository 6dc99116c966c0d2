# frozen_string_literal: true

require "rails_helper"
require_relative "../../support/zendesk_desk"

# Covers answers that Zendesk repeats or makes up: every row comes to one end, and what may be written is not called
# unwritten.
RSpec.describe CrmSync::Zendesk::Client do
  include ZendeskDesk

  def update(count)
    zendesk_client.update_many((1..count).map { |id| { id:, notes: "new" } })
  end

  it "gives every row an end when two batches have one job" do
    desk(250, page_size: 100, faults: fault(:update_many, :repeat_job, skip: 1)) do |zendesk|
      ends = update(250)
      lost = ends.compact
      expect(lost).to all(be_a(CrmSync::RemoteError).and(have_attributes(message: /named the job .+ another batch/)))
      expect([ends.size, lost.size]).to eq([250, 100]).or eq([250, 50])
      # All of them are written: the lost ones are told as such that may be.
      expect(lost.map(&:message)).to all(match(/may or may not be written/))
      expect(zendesk.organizations.count { |row| row["notes"] == "new" }).to be >= 200
    end
  end

  it "gives every row an end when all batches have one job" do
    desk(450, page_size: 100, faults: [{ on: :update_many, skip: 1, answer: :repeat_job }]) do
      expect(update(450).map(&:class).tally).to eq(NilClass => 100, CrmSync::RemoteError => 350)
    end
  end

  it "does not take one organization for two new ones" do
    organization = { status: 201, body: '{"organization":{"id":7}}', content_type: "application/json" }
    desk(faults: [{ on: :create, answer: { status: organization } }]) do
      host = CrmSync::Host.new(CrmSync::Log.new("spec"))
      creates = %w[A B].map { |name| JSON.generate(name:) }
      writing = CrmSync::Native::OrganizationWriting.start(CrmSync::Zendesk.settings.native, creates, [], [], host)
      events = []
      while (some = writing.next(host))
        events.concat(some)
      end
      expect(events.map { |item| [item.id, item.outcome] }).to contain_exactly([7, :done], [nil, :unknown])
    end
  end

  it "refuses a token that cannot be sent, and does not print it" do
    ["a\r\nX-Evil: 1", "a\nb", "a\0b", "", "a b", "ä"].each do |token|
      body = JSON.generate(access_token: token, token_type: "bearer")
      answer = { status: { status: 200, body:, content_type: "application/json" } }
      desk(faults: fault(:token, answer)) do
        expect { zendesk_client.organization_fields }.to raise_error(CrmSync::RemoteError) { |error|
          expect(error.message).to include("access token with characters that no token has")
          expect(error.message).not_to include("Evil")
        }
        expect(zendesk_client.organization_fields.size).to eq(2)
      end
    end
  end

  it "refuses a configured token that cannot be sent, and does not print it" do
    settings = CrmSync::Configuration::ZendeskSettings.new(:x, host: "http://127.0.0.1:9", token: "se\ncret")
    host = CrmSync::Host.new(CrmSync::Log.new("spec"))
    expect { settings.native.organization_fields(host) }
      .to raise_error(CrmSync::ConfigurationError, /\Azendesk\.token has characters that no token has/)
  end
end
