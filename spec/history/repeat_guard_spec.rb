# frozen_string_literal: true

require "rails_helper"
require "active_support/testing/time_helpers"
require "support/contact_sync_world"

# A field that somebody else changes back again and again.
RSpec.describe "a field that flips back and forth" do
  include ActiveSupport::Testing::TimeHelpers
  include ContactSyncWorld

  let(:ann) { contact("ann@b.edu", faculty: "Confirmed") }

  # The sync confirms the user, and somebody else takes that back, so often.
  def flip(user, times)
    times.times do
      sync(allow: { effects: 1 }) # each of them would send a mail
      expect(user.reload).to be_confirmed_faculty
      user.update!(faculty_status: :pending_faculty)
    end
  end

  # Moves all that happened so far back in time by the duration.
  def let_pass(duration)
    CrmSync::ChangeRow.find_each { |row| row.update_columns(created_at: row.created_at - duration) }
  end

  on_each_database do
    let!(:user) { linked_user(ann, email: "ann@b.edu") }

    before { salesforce_has ann }

    it "is frozen when it was changed back three times, and told with all that is known" do
      flip(user, 3)
      run = sync
      expect([run.status, user.reload.faculty_status]).to eq([:unchanged, "pending_faculty"])
      expect(run.issues.map(&:kind)).to eq([:frozen])
      expect(run.issues.first.users).to eq([user.id])
      times = CrmSync::ChangeRow.order(:id).map { |row| row.created_at.utc.iso8601 }
      expect(run.issues.first.message).to include(
        "user #{user.id}: faculty_status is frozen at pending_faculty. This sync made it confirmed_faculty at " \
        "#{times.join(", ")}", "between #{times[0]} and #{times[1]}", "after #{times[2]}",
        "UpdateUserSalesforceInfo.thaw(#{user.id})"
      )
      expect(run.ledger[:users].buckets).to include(frozen: 1, update: 0)
      expect(sync.issues.map(&:to_s)).to eq(run.issues.map(&:to_s))
    end

    it "is thawed by somebody, or by another value in Salesforce" do
      flip(user, 3)
      expect(sync.applied).to eq([])
      expect(UpdateUserSalesforceInfo.thaw(user)).to eq([:faculty_status])
      flip(user, 3)
      salesforce_has ann.merge("Faculty_Verified__c" => "Rejected")
      expect(sync.applied.map(&:after)).to eq([{ faculty_status: "rejected_faculty" }])
      salesforce_has ann
      expect(sync(allow: { effects: 1 })).to have_attributes(status: :applied, issues: [])
    end

    it "goes on to change the other fields" do
      flip(user, 3)
      salesforce_has ann.merge("School_Type__c" => "High School")
      run = sync
      expect(run.applied.map(&:after)).to eq([{ school_type: "high_school" }])
      expect(run.issues.map(&:kind)).to eq([:frozen])
      expect(user.reload).to have_attributes(school_type: "high_school", faculty_status: "pending_faculty")
    end
  end

  describe "on one database" do
    using_database :sqlite

    let!(:user) { linked_user(ann, email: "ann@b.edu") }

    before { salesforce_has ann }

    it "is not frozen where that took more than fourteen days" do
      flip(user, 2)
      let_pass(14.days + 1.minute)
      flip(user, 2)
      expect(sync(allow: { effects: 1 })).to have_attributes(status: :applied, issues: [])
    end

    it "stays frozen, however long nobody looks" do
      flip(user, 3)
      let_pass(60.days)
      expect(sync).to have_attributes(status: :unchanged)
    end

    it "counts against no budget where it would have sent mail" do
      flip(user, 3)
      salesforce_has ann.merge("School_Type__c" => "High School")
      expect(UpdateUserSalesforceInfo.plan.changes.map { |change| [change.after.keys, change.budgets] })
        .to eq([[[:school_type], []]])
    end

    it "names the day on which the freeze ends" do
      2.times do
        flip(user, 1)
        let_pass(5.days)
      end
      flip(user, 1)
      history_days = CrmSync.configuration.history_days.days
      oldest = CrmSync::ChangeRow.order(:id).first.created_at
      last_day = (oldest + history_days).utc.to_date
      expect(sync.issues.first.message).to end_with("another value, and on #{last_day.iso8601}")
      travel_to(oldest + history_days - 1.minute) { expect(kinds_after_pruning).to eq([:frozen]) }
      travel_to(oldest + history_days + 1.minute) { expect(kinds_after_pruning).to eq([]) }
    end

    it "is not frozen where it was the source that went back and forth" do
      statuses = %w[Confirmed Pending] * 4
      runs = statuses.map do |status|
        salesforce_has ann.merge("Faculty_Verified__c" => status)
        sync(allow: { demote: 1 })
      end
      expect(runs.map(&:status).uniq).to eq([:applied])
      expect(runs.flat_map(&:issues)).to eq([])
    end

    it "leaves the whole link alone where somebody else unlinks again and again" do
      3.times do
        user.reload.update!(salesforce_contact_id: nil, faculty_status: :no_faculty_info)
        expect(sync.applied.map(&:action)).to eq([:link])
      end
      user.reload.update!(salesforce_contact_id: nil, faculty_status: :no_faculty_info)
      run = sync
      expect(run.applied).to eq([])
      expect(run.issues.map(&:message)).to include(/salesforce_contact_id is frozen at nil/)
      expect(user.reload).to have_attributes(salesforce_contact_id: nil, faculty_status: "no_faculty_info")
    end

    it "asks for the records that are to be changed only, and for nothing where nothing is" do
      others = Array.new(3) { |n| [contact("o#{n}@b.edu", faculty: "Confirmed"), create_user(email: "o#{n}@b.edu")] }
      salesforce_has ann, *others.map(&:first)
      asked = queries_for_history { sync }
      expect(asked.grep(/record_key/)).to eq([]) # as long as there is no history
      user.reload.update!(faculty_status: :pending_faculty)
      asked = queries_for_history { UpdateUserSalesforceInfo.plan }
      expect(asked.grep(/record_key/).size).to eq(1)
      expect(asked.grep(/record_key/).first).to include(%("record_key" = '#{user.id}'))
      sync
      expect(queries_for_history { UpdateUserSalesforceInfo.plan }).to eq([])
    end

    it "is told by explain, with what happened before" do
      flip(user, 3)
      last = UpdateUserSalesforceInfo.runs.first
      story = UpdateUserSalesforceInfo.explain(user)
      expect(story.lines.map(&:strip)).to include(
        "history, the newest first:",
        a_string_starting_with("#{last.changes.first.at.utc.iso8601}  run #{last.id}  update  faculty_status: " \
                               "pending_faculty → confirmed_faculty  (linked to contact"),
        a_string_starting_with("frozen: faculty_status does not become confirmed_faculty, because it got that at")
      )
      expect(story).not_to include("planned:", "ann@")
      UpdateUserSalesforceInfo.thaw(user)
      expect(UpdateUserSalesforceInfo.explain(user)).to include("planned: update", "thaw  (somebody called thaw)")
    end

    it "is told by explain where it is undone" do
      undone = sync.undo!
      expect(UpdateUserSalesforceInfo.explain(user.id.to_s)).to include(
        "undone: faculty_status does not become confirmed_faculty, because run #{undone.id} put it back at"
      )
    end
  end

  # Of the issues of a plan, when a run has deleted what is too old.
  def kinds_after_pruning
    CrmSync::SyncHistory::Retention.new(CrmSync.configuration.history_days, CrmSync::RunRow, CrmSync::ChangeRow).prune
    UpdateUserSalesforceInfo.plan.issues.map(&:kind)
  end

  # Returns the queries for the history that the database gets.
  def queries_for_history(&)
    asked = []
    listener = ->(*, payload) { asked << unbound(payload) if payload[:sql].match?(/SELECT.*"crm_sync_changes"\."/) }
    ActiveSupport::Notifications.subscribed(listener, "sql.active_record", &)
    asked
  end

  # A bound value is wrapped in its attribute, or since Rails 7.2 is sometimes the value itself.
  def unbound(payload)
    payload[:binds].to_a.reduce(payload[:sql]) do |sql, bind|
      sql.sub("?", "'#{bind.respond_to?(:value_for_database) ? bind.value_for_database : bind}'")
    end
  end
end
