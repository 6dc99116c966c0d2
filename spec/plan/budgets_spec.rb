# frozen_string_literal: true

require "rails_helper"
require "active_support/testing/time_helpers"
require "support/contact_sync_world"
require "support/partner_world"

# Counts what was spent of a budget for 24 hours, so that a slow bleed does not pass.
RSpec.describe "Budgets over 24 hours" do
  include ActiveSupport::Testing::TimeHelpers

  let(:start) { Time.utc(2026, 3, 3, 6) }

  before { travel_to(start) }
  after { travel_back }

  # 48 runs of cron, one every half an hour; what the block gives.
  def runs_of_a_day
    Array.new(48) { |run| yield.tap { travel_to(start + ((run + 1) * 30.minutes)) } }
  end

  describe "of a contact sync" do
    include ContactSyncWorld

    # Users who are linked to contacts that say what the users say already.
    def linked_organisation(size)
      contacts = Array.new(size) { |n| contact("teacher#{n}@b.edu") }
      create_users(size) { |n| { email: "teacher#{n}@b.edu", salesforce_contact_id: contacts[n]["Id"], is_kip: nil } }
      salesforce_has(*contacts)
      contacts
    end

    def unlinked
      User.where(salesforce_contact_id: nil).count
    end

    def lose(contacts, count)
      contacts.shift(count)
      salesforce_has(*contacts)
    end

    shared_examples "a day of budgets" do
      it "1 % lost per run for a day: no more lost over the day than the day's budget" do
        contacts = linked_organisation(200)
        statuses = runs_of_a_day do
          lose(contacts, 2)
          sync.status
        end
        # 5 % of 200 are 10; what is left of the users allows a little less with each that is lost.
        expect(unlinked).to be_between(8, 10)
        expect(statuses.slice_when { |one, other| one != other }.map(&:first)).to eq(%i[applied held])
      end

      it "holds what goes beyond the day's limit, and says what is used up and when it comes free" do
        contacts = linked_organisation(20)
        lose(contacts, 3)
        expect(sync.status).to eq(:applied)
        travel(2.hours)
        lose(contacts, 3)
        run = sync
        expect([run.status, unlinked]).to eq([:held, 3])
        expect(run.refusals.join).to include(
          "3 changes of the kind unlink (at most 5 of 17 in 24 hours; 3 used up by now, the first comes free at " \
          "2026-03-04 06:00 UTC)", "Info.call(allow: { unlink: 3 })"
        )
        travel_to(start + 24.hours)
        expect([sync.status, unlinked]).to eq([:applied, 6])
      end

      it "takes what was allowed for spent, and allows no more than that once" do
        contacts = linked_organisation(40)
        lose(contacts, 8)
        expect(sync(allow: { unlink: 8 }).status).to eq(:applied)
        lose(contacts, 1)
        expect(sync.status).to eq(:held)
        expect(sync(allow: { unlink: 1 }).status).to eq(:applied)
        expect(UpdateUserSalesforceInfo.plan.summary[:spent]).to eq(unlink: 9)
      end

      it "shows what was spent" do
        contacts = linked_organisation(20)
        lose(contacts, 3)
        sync
        lose(contacts, 1)
        plan = UpdateUserSalesforceInfo.plan
        expect(plan.summary).to include(spent: { unlink: 3 }, over_budget: [])
        expect(plan.to_s).to match(/budget +planned +last 24 h +allowed\n +unlink +1 +3 +5$/)
      end
    end

    context "with the migration" do
      using_database :sqlite

      it_behaves_like "a day of budgets"

      it "checks when it applies, not when it plans" do
        contacts = linked_organisation(20)
        lose(contacts, 3)
        plans = Array.new(2) { UpdateUserSalesforceInfo.plan }
        expect(plans.map { |plan| plan.summary[:over_budget] }).to eq([[], []])
        expect(plans.first.apply.status).to eq(:applied)
        expect(plans.last.apply.status).to eq(:held)
        expect(plans.first.apply.status).to eq(:held)
      end

      it "spends nothing on what was not done" do
        contacts = linked_organisation(20)
        lose(contacts, 3)
        plan = UpdateUserSalesforceInfo.plan
        User.find(plan.changes.first.key).update!(salesforce_contact_id: salesforce_id("003"))
        expect(plan.apply.stale.size).to eq(1)
        expect(UpdateUserSalesforceInfo.plan.summary[:spent]).to eq(unlink: 2)
      end

      # The third of them raises what ends a whole run, once.
      def sync_that_breaks_down
        unlinked = 0
        sync_that do
          write :records, batch: 1
          attribute :faculty_status, from: "Faculty_Verified__c", map: { "Pending" => :pending_faculty }
          contact_missing set: { faculty_status: :no_faculty_info }
          after_transition :faculty_status, to: :no_faculty_info do
            raise Timeout::Error, "the host's deadline" if (unlinked += 1) == 3
          end
        end
      end

      it "takes what a run did for spent that ended by an exception, and lets the next one finish" do
        contacts = Array.new(20) { contact(faculty: "Pending") }
        contacts.each { |row| linked_user(row, faculty_status: :pending_faculty) }
        lose(contacts, 5)
        small = sync_that_breaks_down
        expect { small.call }.to raise_error(Timeout::Error)
        expect([unlinked, small.plan.summary[:spent]]).to eq([2, { unlink: 2 }])
        expect([small.call.status, unlinked]).to eq([:applied, 5])
        expect(small.plan.summary[:spent]).to eq(unlink: 5)
        lose(contacts, 1)
        expect(small.call.status).to eq(:held)
      end

      it "lets a run for one user after such a run burn nothing of what the others need" do
        contacts = Array.new(20) { contact(faculty: "Pending") }
        contacts.each { |row| linked_user(row, faculty_status: :pending_faculty) }
        lost = contacts.first(5)
        lose(contacts, 5)
        small = sync_that_breaks_down
        expect { small.call }.to raise_error(Timeout::Error)
        waiting = User.where(salesforce_contact_id: lost.map { |row| row["Id"] })
        expect(small.call(only: User.where(id: waiting.first.id)).status).to eq(:applied)
        expect(small.plan.summary[:spent]).to eq(unlink: 3)
        expect([small.call.status, unlinked]).to eq([:applied, 5])
      end

      it "takes what a killed run did for spent, and lets the next one finish" do
        travel_back
        contacts = linked_organisation(20)
        lose(contacts, 5)
        env = { "CRM_SYNC_SALESFORCE_HOST" => salesforce.url, "CRM_SYNC_SALESFORCE_CLIENT_ID" => "simulator",
                "CRM_SYNC_SALESFORCE_CLIENT_SECRET" => "simulator" }
        killed = rails_runner(<<~RUBY, env:)
          saves = 0
          User.after_save { Process.kill(:KILL, Process.pid) if (saves += 1) == 3 }
          UpdateUserSalesforceInfo.write :records, batch: 1
          UpdateUserSalesforceInfo.call
        RUBY
        expect(killed.status.termsig).to eq(Signal.list["KILL"])
        expect([unlinked, UpdateUserSalesforceInfo.plan.summary[:spent]]).to eq([2, { unlink: 2 }])
        expect([sync.status, unlinked]).to eq([:applied, 5])
        lose(contacts, 1)
        expect(sync.status).to eq(:held)
      end

      it "has another budget for another org" do
        contacts = linked_organisation(20)
        lose(contacts, 5)
        sync
        salesforce_stops
        salesforce_has(*contacts.drop(1))
        expect(sync.status).to eq(:applied)
      end
    end

    context "without the migration" do
      without_the_migration

      it_behaves_like "a day of budgets"
    end
  end

  describe "of an organization sync" do
    include PartnerWorld

    using_database :sqlite

    def marked
      zendesk.organizations.count { |row| row["organization_fields"]["mark_for_deletion"] }
    end

    def lose(count)
      others_deleted(salesforce.records("Account").reject { |row| row["IsDeleted"] }.drop(count))
    end

    def with_partners(count, **options)
      partners((1..count).map { |n| account(n) }, (1..count).map { |n| organization(n) }, **options)
    end

    it "1 % lost per run for a day: no more lost over the day than the day's budget" do
      with_partners(200)
      statuses = runs_of_a_day do
        lose(2)
        PartnerSync.call.status
      end
      expect(marked).to eq(10)
      expect(statuses.slice_when { |one, other| one != other }.map(&:first)).to eq(%i[applied held])
    end

    it "says what is used up, lets through what is allowed, and takes it for spent" do
      with_partners(40)
      lose(4)
      expect(PartnerSync.call.status).to eq(:applied)
      lose(2)
      run = PartnerSync.call
      expect(run.refusals.join).to include("2 changes of the kind mark (at most 5 of 40 in 24 hours; 4 used up by now")
      expect(PartnerSync.call(allow: { mark: 2 }).status).to eq(:applied)
      expect(PartnerSync.plan.summary[:spent]).to eq(mark: 6)
      expect(PartnerSync.plan.to_s).to match(/mark +0 +6 +5$/)
    end

    it "takes for spent what was sent and may have been done" do
      with_partners(40, zendesk: { job_seconds: 300, clock_speed: 20, settings: { job_patience: 1 } })
      lose(4)
      run = PartnerSync.call
      expect(run).to have_attributes(status: :partial, applied: [], errors: have_attributes(size: 4))
      expect(run.ledger.to_s).to match(/changes +4 = 4 failed$/)
      zendesk.replace(zendesk.organizations.each do |row|
        next if row["organization_fields"]["mark_for_deletion"] || row["id"] > 1_004

        row["organization_fields"]["mark_for_deletion"] = true
      end)
      lose(2)
      expect(PartnerSync.plan.refusals.join).to include("at most 5 of 40 in 24 hours; 4 used up by now")
    end

    it "counts the stages as well, and what was kept of a plan is checked when it is applied" do
      with_partners(40)
      lose(4)
      folders = %w[one two].map { |name| File.join(scratch, name) }
      folders.each do |dir|
        PartnerSync.gather_accounts(dir:)
        PartnerSync.gather_organizations(dir:)
        PartnerSync.compare(dir:)
      end
      expect(folders.map { |dir| PartnerSync.apply(dir:).status }).to eq(%i[applied held])
    end
  end
end
