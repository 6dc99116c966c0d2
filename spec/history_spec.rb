# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# Covers the history that a contact sync keeps of its runs, and for how long.
RSpec.describe "the history of a contact sync" do
  include ContactSyncWorld

  def runs
    UpdateUserSalesforceInfo.runs
  end

  on_each_database do
    it "has each run with its end, and each change with what stood there before" do
      ann = contact("ann@b.edu", faculty: "Confirmed")
      user = create_user(email: "ann@b.edu")
      salesforce_has ann
      run = sync
      sync
      expect(runs.map(&:status)).to eq(%i[unchanged applied])
      past = runs.last
      expect(past).to have_attributes(id: run.id, sync: "UpdateUserSalesforceInfo", digest: run.plan.digest,
                                      error: nil, undoes: nil, ledger: run.ledger.to_h)
      expect(past.summary).to include(status: "applied", applied: { link: 1 })
      expect(past.finished_at).to be_between(past.started_at, Time.current)
      change = past.changes.first
      expect(change).to have_attributes(key: user.id, run_id: run.id, outcome: :applied,
                                        action: :link, reason: run.applied.first.reason, budgets: [:effects],
                                        before: run.applied.first.before, after: run.applied.first.after)
      expect(change.after).to include(salesforce_contact_id: ann["Id"], faculty_status: "confirmed_faculty")
    end

    it "gives every kind of value back as it was" do
      kinds = { "text" => "é'\"\\ {}", "number" => 7, "price" => BigDecimal("1.50"), "ratio" => 0.1,
                "day" => Date.new(2024, 2, 29), "moment" => Time.utc(2024, 2, 29, 1, 2, 3.456789r), "flag" => false,
                "bytes" => "\xFF\x00".b, "blank" => nil }
      ActiveRecord::Base.connection.create_table(:things) do |t|
        t.string :text
        t.integer :number
        t.decimal :price, precision: 8, scale: 2
        t.float :ratio
        t.date :day
        t.datetime :moment, precision: 6
        t.boolean :flag
        t.binary :bytes
        t.string :blank
      end
      thing = stub_const("Thing", Class.new(ActiveRecord::Base)).create!(kinds).reload
      sync = stub_const("ThingSync", Class.new(CrmSync::ContactSync))
      sync.model "Thing", foreign_key: :text
      schema = CrmSync::Contacts::Schema.new(sync.declaration)
      values = CrmSync::Contacts::PastValues.new(schema)
      columns = kinds.to_h { |name, _| [name.to_sym, thing[name]] }
      back = values.load(JSON.parse(JSON.generate(values.dump(columns))))
      expect(back).to eq(columns)
      expect(kinds.keys.map(&:to_sym)).to all(satisfy { |name| values.same?(name, back[name], thing[name]) })
    ensure
      ActiveRecord::Base.connection.drop_table(:things, if_exists: true)
    end

    it "closes a run that was killed between two changes, of which the first is there with all that belongs to it" do
      emails = Array.new(3) { |n| "teacher#{n}@b.edu" }
      emails.each { |email| create_user(email:) }
      salesforce_has(*emails.map { |email| contact(email, faculty: "Confirmed") })
      interrupt_rails_runner(<<~RUBY, after: "the second is not", signal: "KILL", env: { **pointing_at(salesforce) })
        UpdateUserSalesforceInfo.after_transition(:faculty_status, to: :confirmed_faculty) do
          next if SecurityLog.count < 2
          puts "the first is committed, the second is not"
          sleep
        end
        UpdateUserSalesforceInfo.write :records, batch: 1
        UpdateUserSalesforceInfo.call
      RUBY
      expect(runs.map { |run| [run.status, run.finished_at] }).to eq([[:running, nil]])
      expect_one_of_each(1)

      expect(sync.summary[:applied]).to eq(link: 2)
      expect(runs.map(&:status)).to eq(%i[applied interrupted])
      expect(runs.last).to have_attributes(summary: { status: "interrupted", applied: { link: 1 } }, ledger: nil)
      expect(runs.last.finished_at).to be_within(1).of(runs.last.changes.first.at)
      expect_one_of_each(3)
    end
  end

  # Linked users, rows of the history, and rows of the audit trail, for the same people.
  def expect_one_of_each(count)
    linked = User.where.not(salesforce_contact_id: nil).ids.sort
    expect(linked.size).to eq(count)
    expect(CrmSync::ChangeRow.pluck(:record_key).map(&:to_i).sort).to eq(linked)
    expect(SecurityLog.pluck(:user_id).sort).to eq(linked)
  end

  # Returns the environment that leads a child process to this process's simulator.
  def pointing_at(salesforce)
    { "CRM_SYNC_SALESFORCE_HOST" => salesforce.url, "CRM_SYNC_SALESFORCE_CLIENT_ID" => "simulator",
      "CRM_SYNC_SALESFORCE_CLIENT_SECRET" => "secret" }
  end

  # The database refuses to keep what is remembered.
  def refusing_states
    connection = ActiveRecord::Base.connection
    connection.execute(<<~SQL)
      CREATE TRIGGER refusing BEFORE INSERT ON crm_sync_states BEGIN SELECT RAISE(ABORT, 'refused'); END
    SQL
    yield
  ensure
    connection.execute("DROP TRIGGER IF EXISTS refusing")
  end

  describe "on one database" do
    using_database :sqlite

    it "has runs that raised, with and without a plan" do
      create_user(email: "ann@b.edu")
      failure = { on: :query, object: "Contact", times: 1, answer: { error: { status: 400, code: "MALFORMED_QUERY" } } }
      salesforce_has contact("ann@b.edu"), faults: [failure]
      expect { sync }.to raise_error(CrmSync::RemoteError)
      refusing_states { expect { sync }.to raise_error(ActiveRecord::StatementInvalid) }
      expect(runs.map { |run| [run.status, run.error, run.summary[:applied]] })
        .to eq([[:failed, "ActiveRecord::StatementInvalid", { link: 1 }], [:failed, "CrmSync::RemoteError", {}]])
    end

    it "has runs that were blocked or held, and no row for what was not changed" do
      users = Array.new(6) { linked_user(contact, faculty_status: :confirmed_faculty) }
      salesforce_has
      sync
      there = Array.new(6) { contact(faculty: "Confirmed") }
      there.each { |row| linked_user(row, faculty_status: :confirmed_faculty, is_kip: nil) }
      salesforce_has(*there)
      sync
      expect(runs.map(&:status)).to eq(%i[held blocked])
      expect(runs.map { |run| run.ledger[:changes][:buckets].slice(:held, :blocked) })
        .to eq([{ held: 6, blocked: 0 }, { held: 0, blocked: 6 }])
      expect(CrmSync::ChangeRow.count).to eq(0)
      expect(users.map(&:reload)).to all(be_confirmed_faculty)
    end

    it "has nothing of a run whose host has taken everything back" do
      create_user(email: "ann@b.edu")
      salesforce_has contact("ann@b.edu")
      User.transaction do
        expect(sync.status).to eq(:applied)
        raise ActiveRecord::Rollback
      end
      expect([CrmSync::RunRow.count, CrmSync::ChangeRow.count]).to eq([0, 0])
    end

    it "has one row for a change, and none for one that its hook took back" do
      times = 0
      picky = sync_that do
        attribute :faculty_status, from: "Faculty_Verified__c", map: { "Confirmed" => :confirmed_faculty }
      end
      picky.after_transition(:faculty_status, to: :confirmed_faculty) { raise "not this one" if (times += 1) == 2 }
      emails = Array.new(3) { |n| "teacher#{n}@b.edu" }
      users = emails.map { |email| create_user(email:) }
      salesforce_has(*emails.map { |email| contact(email, faculty: "Confirmed") })
      picky.call
      expect(CrmSync::ChangeRow.order(:id).pluck(:record_key)).to eq([users[0], users[2]].map { |user| user.id.to_s })
    end

    it "keeps no value of a column that the app filters, and an encrypted one as its column has it" do
      veiled = Class.new(ActiveRecord::Type::String) do
        def serialize(value) = value && "veiled #{value.reverse}"
        def deserialize(value) = value&.delete_prefix("veiled ")&.reverse
      end
      person = stub_const("Person", Class.new(User) do
        attribute :last_name, veiled.new
        has_many :contact_infos, foreign_key: :user_id
        def self.encrypted_attributes = Set[:last_name]
      end)
      person.filter_attributes = %i[first_name last_name]
      veiling = stub_const("VeilingSync", Class.new(CrmSync::ContactSync))
      veiling.contacts "Contact"
      veiling.model "Person", foreign_key: :salesforce_contact_id
      veiling.match_by(:contact_infos, column: :value, to: %w[Email]) { trust :verified }
      veiling.attribute :first_name, from: "FirstName"
      veiling.attribute :last_name, from: "LastName"
      create_user(email: "ann@b.edu", first_name: "Old")
      salesforce_has contact("ann@b.edu", "FirstName" => "Ann", "LastName" => "Lee")
      run = veiling.call
      row = CrmSync::ChangeRow.last
      expect([row.before, row.after].join).not_to match(/Old|Ann|Lee/)
      expect(JSON.parse(row.after)["last_name"]).to eq("veiled eeL")
      expect(veiling.runs.first.changes.first.after).to include(last_name: "Lee")
      expect(veiling.runs.first.changes.first.inspect).to include("[filtered]")
      undone = run.undo!
      expect(undone.stale.values).to eq(["the value of first_name was not kept"])
      expect(Person.last.first_name).to eq("Ann")
    end

    it "holds nobody's address" do
      create_user(email: "ann@b.edu")
      salesforce_has contact("ann@b.edu", faculty: "Confirmed")
      sync
      rows = [CrmSync::RunRow, CrmSync::ChangeRow].flat_map { |model| model.all.map(&:attributes) }
      expect(rows.join).not_to include("ann@")
    end

    it "knows no run that it does not have" do
      expect { CrmSync::History.find(7) }.to raise_error(ArgumentError, /no run 7/)
    end

    it "is shown without credentials, as to a support desk" do
      salesforce_has
      sync
      salesforce_stops
      expect { UpdateUserSalesforceInfo.plan }.to raise_error(CrmSync::ConfigurationError)
      expect(runs.map(&:status)).to eq([:unchanged])
    end

    it "wants a number of days" do
      expect { CrmSync.configuration.history_days = 0 }
        .to raise_error(CrmSync::ConfigurationError, /history_days must be .* CRM_SYNC_HISTORY_DAYS/)
      expect(CrmSync.configuration.history_days).to eq(90)
    end

    describe "when it is old" do
      def filled(count)
        at = 91.days.ago
        row = { sync: "UpdateUserSalesforceInfo", action: "update", record_key: "1", before: "{}", after: "{}",
                reason: "", budgets: "[]", outcome: "applied" }
        Array.new(count) { row.merge(created_at: at) }.each_slice(500) { |rows| CrmSync::ChangeRow.insert_all!(rows) }
        CrmSync::RunRow.create!(sync: "Other", status: "applied", started_at: at, finished_at: at)
      end

      it "is deleted, a bounded number in each run, the runs after their changes" do
        filled(20_500)
        create_user(email: "ann@b.edu")
        salesforce_has contact("ann@b.edu")
        counts = Array.new(2) { sync && [CrmSync::ChangeRow.count, CrmSync::RunRow.where(sync: "Other").count] }
        expect(counts).to eq([[501, 1], [1, 0]])
        expect(CrmSync::ChangeRow.last.created_at).to be > 1.day.ago
      end

      it "is left to the runs by a call for one user" do
        filled(1)
        user = create_user(email: "ann@b.edu")
        salesforce_has contact("ann@b.edu")
        sync(only: user)
        expect(CrmSync::ChangeRow.pluck(:record_key)).to eq(["1", user.id.to_s])
      end

      it "is left to a later run while the host has a transaction" do
        filled(1)
        salesforce_has
        User.transaction { sync }
        expect(CrmSync::ChangeRow.count).to eq(1)
        sync
        expect(CrmSync::ChangeRow.count).to eq(0)
      end
    end
  end

  describe "where the migration has not been run" do
    using_database :sqlite, fresh: true

    before do
      tables = %i[crm_sync_runs crm_sync_changes]
      tables.each { |table| ActiveRecord::Base.connection.drop_table(table, if_exists: true) }
    end

    it "is not there; everything else works, and what needs it says what to run" do
      user = create_user(email: "ann@b.edu")
      salesforce_has contact("ann@b.edu", faculty: "Confirmed")
      run = sync
      expect([run.status, run.id]).to eq([:applied, nil])
      expect(UpdateUserSalesforceInfo.explain(user)).to include("linked to contact")
      acts = [-> { run.undo! }, -> { runs }, -> { UpdateUserSalesforceInfo.thaw(user) },
              -> { CrmSync::History.find(1) }]
      what_to_run = /run: rails generate crm_sync:install && rails db:migrate/
      acts.each { |act| expect(&act).to raise_error(CrmSync::ConfigurationError, what_to_run) }
    end
  end
end
