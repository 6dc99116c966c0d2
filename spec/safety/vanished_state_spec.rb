# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"
require "support/partner_world"

# Covers state that vanishes: somebody empties a table, a release empties a folder. With the history in place nothing
# gets through by that; without it, the run says that it remembers nothing.
RSpec.describe "A sync whose state has vanished" do
  def forget
    CrmSync::StateRow.delete_all
  end

  context "of contacts" do
    include ContactSyncWorld

    on_each_database do
      it "spends no more than a day's budget, however often it vanishes" do
        contacts = Array.new(80) { |n| contact("u#{n}@b.edu") }
        contacts.each { |row| linked_user(row, is_kip: nil) }
        statuses = Array.new(5) do
          salesforce_has(*contacts.tap { |rows| rows.shift(5) })
          forget
          sync.status
        end
        expect([statuses, User.where(salesforce_contact_id: nil).count]).to eq([%i[applied held held held held], 5])
      end
    end

    context "with the history" do
      using_database :sqlite

      it "is told in the first line of plan and run, and once an earlier run is remembered no longer" do
        salesforce_has contact("a@b.edu")
        create_user(email: "a@b.edu")
        plan = UpdateUserSalesforceInfo.plan
        expect(plan.to_s.lines.first).to end_with("(no earlier run is remembered)\n")
        expect(plan.apply.to_s).to end_with("(no earlier run was remembered)")
        plan = UpdateUserSalesforceInfo.plan
        expect([plan.first_run?, plan.to_s.lines.first, plan.apply.to_s].join).not_to include("remembered")
      end

      # The machine's clock, and not only Ruby's.
      def clock_moves(seconds)
        allow(CrmSync::ClockCheck).to receive(:wall) { Process.clock_gettime(Process::CLOCK_REALTIME) + seconds.to_f }
      end

      it "says that the machine's clock has jumped, until the next run" do
        salesforce_has contact("a@b.edu")
        sync
        clock_moves(25.hours)
        plan = UpdateUserSalesforceInfo.plan
        expect(plan.issues.map(&:to_s)).to include(/clock: this machine's clock has been put forward by 25\.0 hours/)
        plan.apply
        expect(UpdateUserSalesforceInfo.plan.issues.map(&:kind)).not_to include(:clock)
        clock_moves(22.hours)
        expect(UpdateUserSalesforceInfo.plan.issues.map(&:to_s)).to include(/put back by 3\.0 hours/)
      end

      it "says nothing of a clock that a time server moves" do
        salesforce_has contact("a@b.edu")
        sync
        clock_moves(2.minutes)
        expect(UpdateUserSalesforceInfo.plan.issues.map(&:kind)).not_to include(:clock)
      end
    end
  end

  context "of organizations" do
    include PartnerWorld

    using_database :sqlite

    it "spends no more than a day's budget, however often it vanishes" do
      partners((1..40).map { |n| account(n) }, (1..40).map { |n| organization(n) })
      statuses = Array.new(3) do
        others_deleted(salesforce.records("Account").reject { |row| row["IsDeleted"] }.drop(5))
        forget
        PartnerSync.call.status
      end
      marked = zendesk.organizations.count { |row| row["organization_fields"]["mark_for_deletion"] }
      expect([statuses, marked]).to eq([%i[applied held held], 5])
    end
  end
end
