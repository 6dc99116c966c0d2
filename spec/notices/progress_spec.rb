# frozen_string_literal: true

require "spec_helper"
require "support/partner_world"

RSpec.describe "The event progress.crm_sync" do
  include PartnerWorld

  before { partners(Array.new(3) { |number| account(number + 1) }, [organization(4)]) }

  it "has the counts of what is read and of what is written" do
    events = []
    listen = ->(*, payload) { events << payload }
    ActiveSupport::Notifications.subscribed(listen, "progress.crm_sync") { PartnerSync.call }
    expect(events.map { |payload| payload.values_at(:sync, :what) }.uniq)
      .to eq([["PartnerSync", :organizations], ["PartnerSync", :changes]])
    expect(events.last).to eq(sync: "PartnerSync", what: :changes, done: 4, total: 4)
  end

  it "stops no run where a subscriber raises, which is logged" do
    ActiveSupport::Notifications.subscribed(->(*) { raise "the metrics server is down" }, /crm_sync/) do
      run = nil
      expect(logged { run = PartnerSync.call }).to include("PartnerSync: a subscriber of progress.crm_sync failed")
      expect(run.status).to eq(:applied)
    end
    expect(zendesk.organizations.size).to eq(4)
  end
end
