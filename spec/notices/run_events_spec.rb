# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"
require "support/partner_world"

# Covers the two public events by which a host checks in at its monitoring service.
RSpec.describe "The events of a run" do
  def heard(names = /\A(start|finish)\.crm_sync\z/)
    events = []
    listen = ->(name, *, payload) { events << [name, payload] }
    ActiveSupport::Notifications.subscribed(listen, names) { yield events }
  end

  describe "of a contact sync" do
    include ContactSyncWorld

    using_database :sqlite

    let(:small) { sync_that { attribute :first_name, from: "FirstName" } }

    it "are its start and its finish, with the run" do
      salesforce_has
      heard do |events|
        run = small.call
        expect(events).to eq([["start.crm_sync", { sync: "SmallSync" }],
                              ["finish.crm_sync", { sync: "SmallSync", run: }]])
      end
    end

    it "are both there when a call raises, with the error" do
      refusal = { on: :query, times: 99, answer: { error: { status: 400, code: "MALFORMED_QUERY", message: "no" } } }
      salesforce_has(faults: [refusal])
      heard do |events|
        error = nil
        expect { small.call }.to raise_error(CrmSync::Error) { |raised| error = raised }
        expect(events.map(&:first)).to eq(%w[start.crm_sync finish.crm_sync])
        expect(events.last.last).to eq(sync: "SmallSync", exception: [error.class.name, error.message],
                                       exception_object: error)
      end
    end

    it "come of a run that is skipped, and not of a plan" do
      salesforce_has
      heard do |events|
        CrmSync::Lock.for("SmallSync", User).hold(held: ->(_) { raise "held" }) do
          job { small.call }.value
        end
        small.plan
        expect(events.map { |name, payload| [name, payload[:run]&.status] })
          .to eq([["start.crm_sync", nil], ["finish.crm_sync", :skipped]])
      end
    end

    it "stop no run where a subscriber raises, which is logged" do
      salesforce_has
      %w[start.crm_sync finish.crm_sync].each do |event|
        ActiveSupport::Notifications.subscribed(->(*) { raise "no check-in today" }, event) do
          run = nil
          expect(logged { run = small.call }).to include("SmallSync: a subscriber of #{event} failed")
          expect(run.status).to eq(:unchanged)
        end
      end
    end
  end

  it "come of an organization sync's call and last stage, and of no other stage" do
    extend PartnerWorld
    partners([account(1)], [])
    sync = stub_const("ToldPartners", Class.new(PartnerSync))
    Dir.mktmpdir do |dir|
      heard do |events|
        sync.gather_accounts(dir:)
        sync.gather_organizations(dir:)
        sync.compare(dir:)
        expect(events).to eq([])
        run = sync.apply(dir:)
        expect(events.last).to eq(["finish.crm_sync", { sync: "ToldPartners", run: }])
        expect { sync.call }.to change(events, :size).from(2).to(4)
      end
    end
  ensure
    [salesforce, zendesk].each(&:stop)
  end
end
