# frozen_string_literal: true

require "rails_helper"
require "support/incremental_world"
require "support/random_org"
require "support/shrinking"

# Promises P2 and P8 of the history, over random orgs, people who edit, hooks that fail and runs that are ended in the
# middle: a change, its row and its audit row are there together or not at all; a run that was ended is made good by the
# next one; and nobody loses a privilege without a row that says why.
RSpec.describe "what the history promises" do
  include IncrementalWorld
  include Shrinking

  # An exception that ends a run as a signal does. It is no StandardError, which would count as one record's problem.
  stop = Class.new(Exception) # rubocop:disable Lint/InheritException

  # The kinds of run that a person asks for: nothing follows their changes.
  let(:by_hand) { %i[undo redo] }
  let(:allow_all) { { unlink: 100, demote: 100, clear: 100, contacts: 0, leads: 0, users: 0 } }
  let(:columns) { %w[salesforce_contact_id faculty_status last_name] }

  def random_sync(&hook)
    sync_that("RandomSync") do
      leads "Lead"
      attribute :faculty_status, from: "Faculty_Verified__c", privileged: :confirmed_faculty,
                                 map: { "Confirmed" => :confirmed_faculty, "Pending" => :pending_faculty,
                                        nil => :no_faculty_info }
      attribute :last_name, from: "Account.Name"
      contact_missing set: { faculty_status: :no_faculty_info }
      lead_status(from: "Status", trust: :verified) do
        all "Converted", set: { faculty_status: :rejected_faculty }
        otherwise set: { faculty_status: :pending_faculty }
      end
      %i[confirmed_faculty pending_faculty no_faculty_info rejected_faculty].each do |status|
        after_transition(:faculty_status, to: status) do |user, change|
          SecurityLog.create!(user:, event_type: :faculty_verified, event_data: { reason: change.reason })
          hook.call
        end
      end
    end
  end

  def state
    User.order(:id).to_h { |user| [user.id, user.attributes.slice(*columns)] }
  end

  def edit_by_hand(random)
    user = User.find(User.ids.sample(random:))
    case random.rand(3)
    when 0 then user.update!(faculty_status: User.faculty_statuses.keys.first(4).sample(random:))
    when 1 then user.update!(salesforce_contact_id: nil)
    when 2 then user.contact_infos.update_all(verified: random.rand(2).zero?)
    end
  end

  # Returns the new rows of the history, by user.
  def rows_behind(last)
    rows = CrmSync::ChangeRow.where("id > ?", last).where.not(action: "thaw").order(:id)
    values = RandomSync.planner.past_values
    rows.map { |row| CrmSync::PastChange.of(row, values) }.group_by(&:key)
  end

  # Returns the users with one side of each row put into them.
  def with_rows(users, rows, side)
    rows.reduce(users) { |all, (id, (row))| all.merge(id => all[id].merge(row.public_send(side).stringify_keys)) }
  end

  def expect_one_row_for_each_change(before, after, rows)
    expect(rows.values.map(&:size)).to all(eq(1))
    expect(with_rows(before, rows, :before)).to eq(before)
    expect(with_rows(before, rows, :after)).to eq(after)
  end

  def confirmed(users)
    users.select { |_, user| user["faculty_status"] == "confirmed_faculty" }.keys
  end

  # Of users who are not confirmed any more.
  def expect_reasons(rows)
    undone, decided = rows.partition { |row| by_hand.include?(row.action) }
    expect(undone.map(&:reason)).to all(match(/\Aundoes run \d+: ./))
    expect(decided.map(&:reason)).to all(match(/contact 003\w{15}|no contact/))
    expect(decided.map(&:budgets)).to all(include(:demote))
  end

  # Does something that may change users, and holds it against what the history says of it.
  def expect_history_to_tell
    before = state
    last = CrmSync::ChangeRow.maximum(:id) || 0
    logs = SecurityLog.count
    yield
    after = state
    rows = rows_behind(last)
    expect_one_row_for_each_change(before, after, rows)
    expect_reasons(rows.values_at(*(confirmed(before) - confirmed(after))).map(&:first))
    expect(SecurityLog.count - logs).to eq(audited(rows.values.flatten))
  end

  def audited(rows)
    rows.count { |row| row.after.key?(:faculty_status) && !by_hand.include?(row.action) }
  end

  using_database :sqlite

  10.times do |seed|
    it "is kept, with seed #{seed}" do
      shrinking(8) do |rounds|
        Databases.empty
        salesforce_stops
        random = Random.new(seed)
        trouble = nil
        sync = random_sync { trouble&.call }
        org = RandomOrg.new(self, random)
        12.times { |n| create_user(email: "person#{n}@b.edu") }
        salesforce_has(*org.records, shuffle: true, seed:, page_size: 5)
        rounds.times do
          random.rand(1..6).times { org.edit }
          random.rand(0..2).times { edit_by_hand(random) }
          salesforce_has(*org.records)
          expected = sync.plan.changes.reduce(state) do |users, change|
            users.merge(change.key => users[change.key].merge(change.after.transform_keys(&:to_s)))
          end
          trouble = -> { raise(random.rand(2).zero? ? stop : "this one fails") if random.rand(3).zero? }
          expect_history_to_tell do
            sync.call(allow: allow_all)
          rescue stop
            nil
          end
          trouble = nil
          expect_history_to_tell { sync.call(allow: allow_all) }
          expect(state).to eq(expected)
          expect(sync.plan).to be_empty
          expect_history_to_tell { sync.runs.sample(random:).undo! } if random.rand(3).zero?
        end
        expect(sync.runs(limit: 99).map(&:status).uniq - %i[applied unchanged partial interrupted]).to eq([])
      end
    end
  end
end
