# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"
require "support/killing"
require "support/partner_world"

# Killed at any moment, the next run finishes or safely repeats. All moments of a run are tried, one after the other.
# Their number follows from the size of the world: `rake kills` has a larger one, and prints every moment.
RSpec.describe "A run that is killed", timeout: 1_800 do
  include Killing

  large = ENV["CRM_SYNC_KILLS"] == "all"

  # Returns a relay that leads a child to a simulator.
  def relay
    HttpRelay.new { |name| @moments.reached(name) }.tap { |relay| @relays << relay }
  end

  def run_in_child(wanted = nil)
    @moments = Killing::Moments.new(wanted)
    in_child(@moments) { sync }
  end

  def run_here
    @moments = Killing::Moments.new
    sync
  end

  # Returns how a run went that is killed there, the world after another run, and what one more would send. The other
  # run is made here: it has nothing to recover from, and the children need not load again what it loads.
  def outcome(wanted)
    @relays = []
    start
    moments = run_in_child(wanted)
    if moments.killed
      let_go
      run_in_child
    end
    after = state
    before = sent
    run_here
    [moments, after, sent - before]
  ensure
    @relays.each(&:close)
    finish
  end

  # Waits until PostgreSQL, which hears of the end of a connection a moment later, has taken back the lock of the dead.
  def let_go
    connection = ActiveRecord::Base.connection
    return unless connection.adapter_name == "PostgreSQL"

    eventually { connection.select_value(<<~SQL).zero? }
      SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    SQL
  end

  shared_examples "a run that can be killed" do
    it "leaves what a run leaves that was not killed, at whichever moment it is killed" do
      reference, expected, more = outcome(nil)
      expect(more).to eq(0), "a second run writes"
      RSpec.configuration.reporter.message("  #{reference.names.size} moments") if large
      wrong = (1..reference.names.size).filter_map do |wanted|
        moments, after, more = outcome(wanted)
        RSpec.configuration.reporter.message("  #{wanted}. #{moments.killed || "(was not reached)"}") if large
        problem(expected, after, more, moments)
      end
      expect(wrong).to eq([])
    end

    def problem(expected, after, more, moments)
      differing = expected.keys.reject { |part| expected[part] == after[part] }
      return if differing.empty? && more.zero?

      { moments.killed => differing.to_h { |part| [part, [expected[part], after[part]]] }, more: }
    end
  end

  describe "of a contact sync" do
    include ContactSyncWorld

    on_each_database do
      it_behaves_like "a run that can be killed"
    end

    size = large ? 6 : 1

    define_method(:start) do
      Databases.empty
      through = relay
      @ids = 0
      contacts = (1..size).map { |n| contact("user#{n}@b.edu", faculty: "Confirmed") }
      salesforce_has(*contacts, instance_url: through.url, settings: { host: through.url })
      through.to(salesforce.url)
      (1..size).each { |n| create_user(email: "user#{n}@b.edu", first_name: "user#{n}") }
      create_user(first_name: "gone", salesforce_contact_id: salesforce_id("003"), faculty_status: :pending_faculty)
    end

    def finish
      salesforce_stops
    end

    def state
      columns = %w[first_name faculty_status salesforce_contact_id]
      users = User.order(:id).map { |user| user.attributes.slice(*columns) }
      { users:, log: SecurityLog.group(:event_type).count, waiting: CrmSync::OutboxRow.count,
        mails: verification_mails.uniq.sort, contacts: salesforce.records("Contact") }
    end

    # Counts the mails that Salesforce was asked to send.
    def sent
      verification_mails.size
    end

    def sync
      UpdateUserSalesforceInfo.call(allow: { effects: 10 }) # one mail for each
    end
  end

  describe "of an organization sync" do
    include PartnerWorld

    context "with a database" do
      using_database :sqlite

      it_behaves_like "a run that can be killed"
    end

    context "without one" do
      before { allow(CrmSync::State).to receive(:database?).and_return(false) }

      it_behaves_like "a run that can be killed"
    end

    size = large ? 4 : 1

    define_method(:start) do
      FileUtils.rm_rf(CrmSync.configuration.state_dir)
      # The history of the world before would speak of somebody who changes everything back.
      Databases.empty if CrmSync::State.database?
      changed = (1..size).map { |n| account(n, Account_Owner_Calc__c: "New") }
      created = (11..(10 + size)).map { |n| account(n) }
      related([*changed, *created], (1..size).map { |n| organization(n) } + [organization(30)])
    end

    # Both simulators behind relays.
    def related(accounts, organizations)
      org, desk = Array.new(2) { relay }
      partners(accounts, organizations, salesforce: { instance_url: org.url, settings: { host: org.url } },
                                        zendesk: { settings: { host: desk.url } })
      org.to(salesforce.url)
      desk.to(zendesk.url)
    end

    def finish
      [zendesk, salesforce].each(&:stop)
    end

    # Returns the organizations without their ids.
    def state
      # A job that a killed run left is still at work.
      eventually { zendesk.jobs.all? { |job| %w[completed failed].include?(job["status"]) } }
      rows = zendesk.organizations.map { |row| row.slice("name", "organization_fields") }
      { organizations: rows.sort_by { |row| row["name"] } }
    end

    def sent
      writes.size
    end

    def sync
      PartnerSync.call
    end
  end
end
