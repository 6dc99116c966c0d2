# frozen_string_literal: true

require "rails_helper"
require "active_support/testing/time_helpers"
require "support/contact_sync_world"
require "support/partner_world"

# The alarm when no run has succeeded for a declared time, and the question for the monitoring.
RSpec.describe "The alarm" do
  include ActiveSupport::Testing::TimeHelpers

  let(:start) { Time.utc(2026, 3, 3, 6) }
  let(:alarms) { [] }

  before { travel_to(start) }
  after { travel_back }

  # Returns the arguments of the alarm, for each time that it was raised in the block.
  def alarmed
    before = alarms.size
    yield
    alarms.drop(before)
  end

  def after_start(duration, &)
    travel_to(start + duration)
    alarmed(&)
  end

  describe "of a contact sync" do
    include ContactSyncWorld

    let(:small) do
      raised = alarms
      sync_that do
        contact_missing set: {}
        alarm_after(6.hours) { |since| raised << since }
      end
    end
    let(:contacts) { Array.new(20) { contact } }

    # A Salesforce that fails for good.
    def salesforce_fails
      salesforce_stops
      fault = { on: :query, answer: { error: { status: 400, code: "MALFORMED_QUERY", message: "out of order" } } }
      salesforce_has(*contacts, faults: [fault])
    end

    def failed_call
      expect { small.call }.to raise_error(CrmSync::RemoteError, /out of order/)
    end

    shared_examples "an alarm" do
      before do
        contacts.each { |row| linked_user(row) }
        salesforce_has(*contacts)
        small.call
      end

      it "is raised once for an outage, and again while it goes on, also when call raises" do
        salesforce_fails
        expect(after_start(5.hours) { failed_call }).to eq([])
        expect(after_start(6.hours) { failed_call }).to eq([start])
        expect(after_start(29.hours) { failed_call }).to eq([])
        expect(after_start(30.hours) { failed_call }).to eq([start])
        expect(small.last_success).to eq(start)
      end

      it "is raised when runs are held or blocked" do
        salesforce_has(*contacts.drop(6))
        expect(after_start(6.hours) { expect(small.call.status).to eq(:held) }).to eq([start])
        salesforce_has
        expect(after_start(30.hours) { expect(small.call.status).to eq(:blocked) }).to eq([start])
      end

      it "is over with a success, and starts anew" do
        salesforce_has
        after_start(6.hours) { small.call }
        salesforce_has(*contacts)
        expect(after_start(7.hours) { small.call }).to eq([])
        expect(small.last_success).to eq(start + 7.hours)
        salesforce_has
        expect(after_start(12.hours) { small.call }).to eq([])
        expect(after_start(13.hours) { small.call }).to eq([start + 7.hours])
      end
    end

    context "with the migration" do
      using_database :sqlite

      it_behaves_like "an alarm"

      it "counts from the first call where nothing has succeeded yet" do
        salesforce_fails
        expect(alarmed { failed_call }).to eq([])
        expect(small.last_success).to be_nil
        expect(after_start(6.hours) { failed_call }).to eq([start])
      end

      it "takes a success for none that a wrong clock has put into the future" do
        salesforce_has(*contacts)
        after_start(30.days) { small.call }
        salesforce_fails
        travel_to(start)
        expect(small.last_success).to be_nil
        expect(alarmed { failed_call }).to eq([])
        expect(after_start(6.hours) { failed_call }).to eq([start])
      end

      it "does not undo the success of a run that ends while the alarm is raised" do
        salesforce_has(*contacts)
        small.call
        travel(6.hours)
        small.declaration.alarm.block = lambda do |since|
          alarms << since
          job { small.call }.value
        end
        nobody = User.where(id: 0)
        expect(alarmed { small.call(only: nobody) }).to eq([start])
        expect(small.last_success).to eq(start + 6.hours)
        expect(after_start(11.hours) { small.call(only: nobody) }).to eq([])
      end

      it "takes a run that did all but single records for a success" do
        linked_user(contacts.first)
        salesforce_has(*contacts.drop(1))
        plan = small.plan
        User.first.update!(salesforce_contact_id: contact["Id"])
        expect([plan.apply.status, small.last_success]).to eq([:partial, start])
      end

      it "takes no run for a few for a success" do
        salesforce_has(*contacts)
        small.call(only: User.where(id: 0))
        expect(small.last_success).to be_nil
        small.plan.apply
        expect(small.last_success).to eq(start)
      end

      it "lets the caller see what went wrong, also where the alarm fails" do
        small.declaration.alarm.block = ->(_since) { raise "no mail today" }
        salesforce_fails
        failed_call
        travel(6.hours)
        expect(logged { failed_call }).to include("SmallSync: alarm_after failed: no mail today (RuntimeError)")
        salesforce_stops
        salesforce_has
        linked_user(contacts.first)
        expect { small.call }.to raise_error("no mail today")
      end
    end

    context "without the migration" do
      without_the_migration

      it_behaves_like "an alarm"
    end
  end

  describe "of an organization sync" do
    include PartnerWorld

    using_database :sqlite

    let(:watched) do
      raised = alarms
      partners_with("WatchedPartners") { alarm_after(6.hours) { |since| raised << since } }
    end

    def stages(dir)
      watched.gather_accounts(dir:)
      watched.gather_organizations(dir:)
      watched.compare(dir:)
      watched.apply(dir:)
    end

    before { partners((1..12).map { |n| account(n) }, (1..12).map { |n| organization(n) }) }

    it "is raised when runs are blocked, and when a call raises" do
      watched.call
      salesforce.replace("Account", [])
      expect(after_start(6.hours) { expect(watched.call.status).to eq(:blocked) }).to eq([start])
      salesforce.stop
      expect(after_start(30.hours) { expect { watched.call }.to raise_error(CrmSync::Error) }).to eq([start])
      expect(watched.last_success).to eq(start)
    end

    it "is raised when all that is written is refused, and not when something is done" do
      watched.call
      zendesk_refuses = { on: :update_many, answer: { item_failures: { count: 2, details: "Forbidden" } } }
      partners((3..12).map { |n| account(n) }, (1..12).map { |n| organization(n) },
               zendesk: { faults: [zendesk_refuses] })
      run = nil
      expect(after_start(6.hours) { run = watched.call }).to eq([start])
      expect(run).to have_attributes(status: :partial, applied: [], errors: have_attributes(size: 2))
      salesforce.replace("Account", [*salesforce.records("Account"), account(13)])
      expect(after_start(30.hours) { run = watched.call }).to eq([])
      expect(run).to have_attributes(status: :partial, applied: have_attributes(size: 1))
    end

    it "looks at the stages as well" do
      dir = File.join(scratch, "stages")
      expect(stages(dir).status).to eq(:unchanged)
      expect(watched.last_success).to eq(start)
      salesforce.stop
      expect(after_start(6.hours) { expect { watched.gather_accounts(dir:) }.to raise_error(CrmSync::Error) })
        .to eq([start])
    end
  end

  it "is declared with a duration and a block" do
    { "a duration, such as 6.hours" => -> { alarm_after(6) { nil } }, "a block" => -> { alarm_after 6.hours },
      "declared twice" => -> { 2.times { alarm_after(6.hours) { nil } } } }.each do |problem, words|
      [CrmSync::ContactSync, CrmSync::OrganizationSync].each do |base|
        expect { Class.new(base).class_exec(&words) }.to raise_error(CrmSync::MappingError, /#{problem}/)
      end
    end
  end
end
