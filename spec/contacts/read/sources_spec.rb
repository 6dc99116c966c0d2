# frozen_string_literal: true

require "rails_helper"
require "active_support/testing/time_helpers"
require "support/contact_sync_world"
require "support/linked_teachers"

# Where only those users are read who may come to differ, the values that users are trusted with are counted when that
# matters.
RSpec.describe CrmSync::Contacts::Sources do
  include ContactSyncWorld
  include LinkedTeachers
  include ActiveSupport::Testing::TimeHelpers

  def counts_values?(&)
    counted = false
    count = /COUNT\(\*\) FROM .contact_infos. WHERE .contact_infos.\..user_id. IS NOT NULL/
    listen = ->(*, payload) { counted ||= payload[:sql].match?(count) }
    ActiveSupport::Notifications.subscribed(listen, "sql.active_record", &)
    counted
  end

  def remembered
    JSON.parse(CrmSync::StateRow.find_by!("name LIKE 'sources%'").value)["users"]
  end

  on_each_database do
    before do
      linked_teachers(12)
      stub_const("CrmSync::Contacts::Need::FEW", 0)
      stub_const("CrmSync::Contacts::Need::SHARE", 10)
    end

    it "counts them once an hour where nothing changes, and keeps what it remembers of them meanwhile" do
      before = remembered
      expect(counts_values? { expect(sync.status).to eq(:unchanged) }).to be(false)
      expect(remembered).to eq(before)
      travel(61.minutes) do
        expect(counts_values? { sync }).to be(true)
        expect(counts_values? { sync }).to be(false)
        expect([remembered["filled"], remembered["day"].size]).to eq([before["filled"], 2])
      end
    end

    it "counts them before something changes, so that a run without any is blocked" do
      create_user(email: "waiting@b.edu", faculty_status: :pending_faculty)
      ContactInfo.update_all(verified: false)
      expect(counts_values? { expect(sync.refusals.join).to include("has a trusted address") }).to be(true)
      expect(User.pending_faculty.count).to eq(1)
    end

    it "counts them in each run that tells that there are far fewer" do
      ContactInfo.limit(7).update_all(verified: false)
      told = [/only 5 of 12 users have a trusted address/]
      issues = -> { sync.issues.select { |issue| issue.kind == :source_drift }.map(&:message) }
      expect(issues.call).to eq([])
      travel(61.minutes) { 2.times { expect(issues.call).to match(told) } }
    end

    it "applies a plan from a file for which they were not counted" do
      path = File.join(scratch, "uncounted.plan")
      UpdateUserSalesforceInfo.plan.save(path)
      before = remembered
      expect(CrmSync::Plan.load(path).apply.status).to eq(:unchanged)
      expect(remembered).to eq(before)
    end

    it "counts values whose users do not exist, and none that is blank" do
      create_email(create_user, "gone@b.edu").update_columns(user_id: 1_000_000)
      ["", " ", "\u3000"].each { |text| create_email(create_user, "a@b.edu").update_columns(value: text) }
      travel(61.minutes) { sync }
      expect(remembered["filled"]).to eq("a trusted address" => 13)
    end
  end
end
