# frozen_string_literal: true

require "rails_helper"
require "support/incremental_world"
require "support/moody_host"
require "support/random_org"

# Promises P3 and P7 of the contact sync, over random orgs, people who edit, hosts whose model or triggers refuse and
# rewrite, and write-backs that wait while contacts are merged and users are rejected, mistrusted or deleted. Each write
# to Salesforce goes to the one it is meant for or is told, nothing follows what was not written, and a second run finds
# nothing to do. WORLDS=500 takes more of them; one that has failed is run by itself with -e "world 17."
RSpec.describe "what is promised of hosts that answer back" do
  include IncrementalWorld
  include MoodyHost

  triggers = %i[trigger_drops trigger_puts_back trigger_rewrites trigger_keeps_link]
  moods = { records: triggers + %i[callback_puts_back callback_rewrites callback_keeps_link callback_writes_again],
            set_based: triggers }
  worlds = Integer(ENV.fetch("WORLDS", 2))

  let(:allow_all) do
    { unlink: 100, demote: 100, clear: 100, relink: 100, promote: 100, effects: 100, contacts: 0, leads: 0, users: 0,
      linked: 0 }
  end

  def promised_sync(way)
    moody_sync(way) do
      contact_missing set: { faculty_status: :rejected_faculty }
      after_transition :faculty_status, to: :confirmed_faculty do |user, change|
        raise "it is not stored" unless User.find(user.id).confirmed_faculty?

        SecurityLog.create!(user_id: user.id, event_type: :faculty_verified, event_data: change.reason)
      end
      write_back "Fax", with: :guessed_preferred_confirmed_email, on: { faculty_status: :confirmed_faculty }
    end
  end

  def edit_by_hand(random)
    user = User.find(User.ids.sample(random:))
    [-> { user.update_columns(faculty_status: random.rand(4)) }, -> { user.update_columns(salesforce_contact_id: nil) },
     -> { user.contact_infos.update_all(verified: random.rand(2).zero?) },
     -> { user.contact_infos.first&.update_columns(value: "person#{random.rand(12)}@b.edu") },
     -> { user.destroy if User.count > 6 }].sample(random:).call
  end

  # Returns the faxes that were sent: pairs of contacts and addresses.
  def faxes
    writes_to(salesforce, answered: true).map { |id, fields| [id, fields["Fax"]] }
  end

  # To those who have the contact, are confirmed, and have the address.
  def meant
    User.confirmed_faculty.where.not(salesforce_contact_id: nil).flat_map do |user|
      user.contact_infos.where(verified: true).map { |address| [user.salesforce_contact_id, address.value] }
    end
  end

  # The keys of who was confirmed, in this order.
  def confirmed
    rows = CrmSync::ChangeRow.order(:id).select { |row| JSON.parse(row.after)["faculty_status"] == 2 }
    rows.map(&:record_key)
  end

  # Of whom there is nothing to be sent: a nil is none.
  def speechless(keys)
    keys.count { |key| User.find(key).guessed_preferred_confirmed_email.nil? }
  end

  def withdrawn(run)
    run.issues.select { |issue| issue.kind == :withdrawn }.sum { |issue| issue.message[/\A[\d,]+/].to_i }
  end

  # Runs it, and holds what went and what waits against what was recorded.
  def expect_told(sync, away:)
    before = counts
    run = run_of(sync, away:)
    recorded, logged, sent, more = counts.zip(before).map { |now, earlier| now - earlier }
    expect([logged, faxes.last(sent) - meant]).to eq([recorded, []])
    # Each row that left the outbox was sent or told. Rows for one contact go as one write.
    expect_all_of(recorded - speechless(confirmed.last(recorded)) - more - withdrawn(run), sent - refused(run))
  end

  # Writes of which Salesforce says, in its answer for all, that this one's contact is gone.
  def refused(run)
    run.errors.count { |error| error.message.include?("(HTTP 200, ") }
  end

  def run_of(sync, away:)
    run = away ? User.transaction { sync.call(allow: allow_all) } : sync.call(allow: allow_all)
    expect(run.errors.map(&:exception) - ["CrmSync::RemoteError"]).to eq([]), run.problems.join("\n")
    run
  end

  def expect_all_of(gone, sent)
    expect(gone).to be >= sent
    expect(sent).to be_positive if gone.positive?
  end

  def counts
    [confirmed.size, SecurityLog.count, faxes.size, CrmSync::OutboxRow.count]
  end

  # Draws anew who has such a mood, whether Salesforce refuses something, and whether it is there at all.
  def change(random, org, ways)
    random.rand(1..6).times { org.edit }
    random.rand(0..3).times { edit_by_hand(random) }
    calm
    moody(*[ways.sample(random:)].first(random.rand(2)))
    faults = random.rand(4).zero? ? [{ on: :update, times: 2, answer: { error: { status: 400, code: "NO" } } }] : []
    salesforce_stops
    salesforce_has(*org.records, faults:)
    CrmSync::OutboxRow.update_all(host: CrmSync::Salesforce.settings.host, next_attempt_at: nil)
  end

  def live_in(world, sync, ways)
    random = Random.new(world)
    org = RandomOrg.new(self, random)
    12.times { |n| create_user(email: "person#{n}@b.edu", last_name: "School 0") }
    6.times do
      change(random, org, ways)
      expect_told(sync, away: random.rand(2).zero?)
      # A save may also have rewritten what nobody asked for, which only the next plan can see.
      expect_told(sync, away: true) if @moods.to_a.grep(/rewrites/).any?
      expect(sync.plan).to be_empty, sync.plan.to_s
    end
  end

  on_each_database do |kind|
    worlds.times do |world|
      it "is kept, in world #{world}." do
        way = kind == :postgresql && world.even? ? :set_based : :records
        live_in(world, promised_sync(way), moods.fetch(way))
      end
    end
  end
end
