# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# The decision's own properties are in tests/contact_decisions.rs; this is the whole way, from pages and tables to the
# plan.
RSpec.describe "the order of rows" do
  include ContactSyncWorld

  # A small organisation in which everything collides; the same for each seed.
  def make_up(seed)
    random = Random.new(seed)
    addresses = Array.new(14) { |n| "p#{n}@b.edu" }
    contacts = Array.new(12) do
      contact(*addresses.sample(random.rand(3), random:),
              faculty: ["Confirmed", "Pending", "Odd", nil].sample(random:))
    end
    leads = Array.new(6) { lead(addresses.sample(random:), status: %w[Converted Open].sample(random:)) }
    users = Array.new(16) do
      { salesforce_contact_id: [nil, nil, contacts.sample(random:)["Id"]].sample(random:),
        faculty_status: %i[no_faculty_info confirmed_faculty].sample(random:), is_newflow: random.rand(2).zero?,
        emails: addresses.sample(random.rand(3), random:).map { |address| [address, random.rand(2).zero?] } }
    end
    [contacts, leads, users]
  end

  def fill(users)
    ids = create_users(users.size) { |n| users[n].except(:emails) }
    insert_emails(users.zip(ids).flat_map do |user, id|
      user[:emails].map do |value, verified|
        { user_id: id, value:, verified:, is_school_issued: !verified }
      end
    end)
    ids
  end

  # Plans speak of keys, which depend on the order of insertion, so they are told by position.
  def told(plan, ids)
    plan.changes.map do |change|
      [ids.index(change.key), change.action, change.before, change.after, change.reason]
    end.sort_by(&:to_s)
  end

  plans = Hash.new { |hash, seed| hash[seed] = [] }

  on_each_database do
    (1..6).each do |seed|
      it "makes no difference to contacts, leads, pages and users (organisation #{seed})" do
        contacts, leads, users = make_up(seed)
        order = (0...users.size).to_a
        3.times do |round|
          Databases.empty
          ids = fill(users.values_at(*order)).zip(order).sort_by(&:last).map(&:first)
          salesforce_has(*contacts, *leads, page_size: [1, 5, 2000][round], shuffle: true, seed: round)
          plan = UpdateUserSalesforceInfo.plan
          plans[seed] << told(plan, ids)
          plan.apply(allow: { unlink: 99, demote: 99, clear: 99, reject: 99 })
          expect(UpdateUserSalesforceInfo.plan).to be_empty
          salesforce_stops
          contacts, leads, order = [contacts, leads, order].map { |rows| rows.shuffle(random: Random.new(round)) }
        end
        expect(plans[seed].uniq.size).to eq(1)
      end
    end
  end
end
