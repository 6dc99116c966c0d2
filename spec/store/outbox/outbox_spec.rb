# frozen_string_literal: true

require "rails_helper"
require "active_support/testing/time_helpers"
require_relative "../../support/contact_sync_world"

# Each write to Salesforce goes out in the end, in order, or somebody is told.
RSpec.describe CrmSync::Outbox do
  include ContactSyncWorld
  include ActiveSupport::Testing::TimeHelpers

  after { travel_back }

  refusal = { error: { status: 400, code: "FIELD_CUSTOM_VALIDATION_EXCEPTION", message: "no mail to ann@b.edu" } }
  unavailable = { status: { status: 503 } }

  # Contacts of whom Salesforce has something to hear, in rows that were recorded by earlier runs.
  def waiting(count)
    contacts = Array.new(count) { contact }
    contacts.each { |record| recorded(record, "Fax" => "1") }
  end

  def recorded(contact, fields, host = salesforce ? org_host : "starts later")
    CrmSync::OutboxRow.create!(sync: "UpdateUserSalesforceInfo", host:, object: "Contact", record_id: contact["Id"],
                               fields: JSON.generate(fields))
  end

  def org_host
    CrmSync::Salesforce.settings.host
  end

  # Each simulator has a port of its own; here all of them stand for one org.
  def salesforce_has(*, **)
    super
    CrmSync::OutboxRow.update_all(host: org_host)
  end

  # Returns the bodies of the writes that Salesforce got.
  def writes
    writes_to(salesforce).map(&:last)
  end

  def rows
    CrmSync::OutboxRow.order(:id)
  end

  # From now on Salesforce has the same records and these faults.
  def salesforce_becomes(contacts, **options)
    salesforce_stops
    salesforce_has(*contacts, **options)
  end

  on_each_database do
    it "tries again later each time, gives up after ten, and says what to do" do
      ann, bob = waiting(2)
      salesforce_has ann, bob, faults: [{ on: :update, answer: refusal }]
      pauses = [30.minutes, 1.hour, 2.hours, 4.hours, 8.hours, 16.hours, 1.day, 1.day, 1.day]
      freeze_time
      pauses.each.with_index(1) do |pause, attempts|
        run = sync
        expect(run.status).to eq(:partial)
        expect(run.problems).to all(match(/Contact 003\w+ did not work and will be sent again after 20\S+ \S+ UTC: /))
        expect(writes.size).to eq(4 * attempts) # both in a list, and then each half
        expect(rows.pluck(:attempts, :next_attempt_at)).to eq([[attempts, pause.from_now]] * 2)
        travel(pause - 1.second)
        expect(sync.status).to eq(:unchanged)
        expect(writes.size).to eq(4 * attempts)
        travel(1.second)
      end

      expect(sync.problems).to all(include("did not work and is given up"))
      travel(30.days)
      plan = UpdateUserSalesforceInfo.plan
      run = plan.apply
      expect(run.status).to eq(:unchanged)
      expect(writes.size).to eq(40)
      expect(rows.count).to eq(2)
      expect(run.issues.map(&:kind)).to eq([:undelivered])
      expect(plan.issues.first.contacts).to eq([ann["Id"], bob["Id"]])
      message = plan.issues.first.message
      expect(message).to include("#{ann["Id"]}, #{bob["Id"]} did not work 10 times", "no mail to [address]")
      expect(run.problems.join + rows.pluck(:last_error).join).not_to include("ann@")

      expect(eval(message[/CrmSync::\S+ \S+ \S+ \S+\.send_again/])).to eq(2) # rubocop:disable Security/Eval
      salesforce_becomes([ann, bob])
      expect(sync).to have_attributes(status: :unchanged, issues: [])
      expect(writes.size).to eq(2)
      expect(rows).to be_empty
    end

    it "can be told to forget what is given up, and names the first ten" do
      salesforce_has(*waiting(12))
      rows.update_all(attempts: 10, last_error: "no")
      message = sync.issues.first.message
      expect(message).to match(/write-backs to Contact (003\w+, ){9}003\w+ and 2 more did not work/)
      eval(message[/CrmSync::\S+ \S+ \S+ \S+\.delete_all/]) # rubocop:disable Security/Eval
      expect(sync.issues).to be_empty
      expect(writes).to be_empty
    end

    it "tells of what is given up also where a run is blocked" do
      salesforce_has(*waiting(1))
      sync
      waiting(1)
      rows.update_all(attempts: 10)
      salesforce_has
      expect(sync).to have_attributes(status: :blocked, issues: [have_attributes(kind: :undelivered)])
    end

    it "sends what was recorded later for a record with what waits, and not before it" do
      ann = contact
      bob = contact
      recorded(ann, "Fax" => "old", "Title" => "Dr")
      salesforce_has ann, bob, faults: [{ on: :update, times: 1, answer: refusal }]
      sync
      recorded(ann, "Fax" => "new")
      recorded(bob, "Fax" => "bob's")
      sync
      expect(writes.last["Fax"]).to eq("bob's")
      expect(writes.size).to eq(2)
      travel(31.minutes)
      expect(sync.status).to eq(:unchanged)
      expect(writes.drop(2)).to eq([{ "Fax" => "new", "Title" => "Dr" }])
      expect(rows).to be_empty
    end

    it "does not send what was recorded later where the earlier is given up, until somebody decides" do
      ann = contact
      recorded(ann, "Fax" => "old").update!(attempts: 9, next_attempt_at: 1.minute.ago)
      recorded(ann, "Fax" => "new")
      salesforce_has ann, faults: [{ on: :update, times: 1, answer: refusal }]
      sync
      expect(rows.pluck(:attempts)).to eq([10, 1])
      travel(2.days)
      sync
      expect(writes.size).to eq(1)
      CrmSync::OutboxRow.given_up.send_again
      sync
      expect(writes.map { |write| write["Fax"] }).to eq(%w[new new])
      expect(rows).to be_empty
    end

    it "writes a record once a call, in whatever spelling its id was recorded" do
      ann, bob = Array.new(2) { contact }
      recorded(ann, "Fax" => "old", "Title" => "Dr")
      recorded({ "Id" => ann["Id"].first(15) }, "Fax" => "new")
      recorded(bob, "Fax" => "bob's")
      salesforce_has ann, bob
      expect(sync).to have_attributes(status: :unchanged, errors: [])
      expect(writes).to contain_exactly({ "Fax" => "new", "Title" => "Dr" }, { "Fax" => "bob's" })
      expect(rows).to be_empty
    end

    %i[long short].each do |first|
      it "sends nothing of a record before what waits of it in another spelling, the #{first} one" do
        ann = contact
        long = ann["Id"]
        ids = first == :long ? [long, long.first(15)] : [long.first(15), long]
        salesforce_has ann
        waits = recorded({ "Id" => ids[0] }, "Fax" => "old", "Title" => "Dr")
        waits.update!(attempts: 1, next_attempt_at: 1.hour.from_now)
        recorded({ "Id" => ids[1] }, "Fax" => "new")
        expect(sync).to have_attributes(status: :unchanged, errors: [])
        expect([writes, rows.count]).to eq([[], 2])
        travel(61.minutes)
        expect(sync).to have_attributes(status: :unchanged, errors: [])
        expect([writes, rows.count]).to eq([[{ "Fax" => "new", "Title" => "Dr" }], 0])
      end
    end

    it "sends what was recorded in either spelling in one call, also where many others are due" do
      stub_const("CrmSync::Outbox::BATCH", 2)
      ann, bob, cid = Array.new(3) { contact }
      salesforce_has ann, bob, cid
      recorded(bob, "Fax" => "bob's")
      recorded(ann, "Fax" => "1")
      recorded({ "Id" => ann["Id"].first(15) }, "Fax" => "2")
      recorded(cid, "Fax" => "cid's")
      recorded(ann, "Fax" => "3")
      expect(sync).to have_attributes(status: :unchanged, errors: [])
      expect(writes.map { |write| write["Fax"] }).to contain_exactly("bob's", "3", "cid's")
      expect(rows).to be_empty
    end

    it "tries a record again whose row is locked, and takes no other along" do
      locked = { row_failures: { count: 3, code: "UNABLE_TO_LOCK_ROW", message: "unable to obtain exclusive access" } }
      salesforce_has(*waiting(120), faults: [{ on: :update, times: 1, answer: locked }])
      expect(sync).to have_attributes(status: :unchanged, errors: [])
      expect(writes.size).to eq(123)
      expect(rows).to be_empty
    end

    it "sends again what may have been written, where the answer was lost" do
      salesforce_has(*waiting(150), faults: [{ on: :update, times: 1, answer: :lost_answer }])
      expect(sync).to have_attributes(status: :unchanged, errors: [])
      expect([writes.size, rows.count]).to eq([300, 0])
    end

    it "has no more rows in memory than it sends at once" do
      salesforce_has(*waiting(1_050))
      loaded = []
      counting = lambda do |*, payload|
        records = payload[:sql][/\ASELECT .*crm_sync_outbox.*record_id IN \((.*?)\)/, 1]
        loaded << records.split(",").size if records
      end
      ActiveSupport::Notifications.subscribed(counting, "sql.active_record") { sync }
      expect(loaded).to eq([1_000, 50])
      expect(writes.size).to eq(1_050)
      expect(rows).to be_empty
    end

    it "looks once for what is due, however much that is" do
      salesforce_has(*waiting(120))
      looks = []
      listening = ->(*, payload) { looks << payload[:sql] if payload[:sql].match?(/crm_sync_outbox.* HAVING /) }
      ActiveSupport::Notifications.subscribed(listening, "sql.active_record") { sync }
      expect(looks.size).to eq(1)
      expect(writes.size).to eq(120)
    end

    describe "when rows are another org's, as in a copy of the database" do
      let(:ann) { contact }

      before do
        salesforce_has ann
        recorded(ann, { "Fax" => "production's" }, "production.my.salesforce.com")
      end

      it "sends none of them, gives none up, and tells of them in one issue" do
        recorded(ann, { "Fax" => "ours" })
        rows.first.update!(attempts: 10)
        recorded(ann, { "Fax" => "production's, too" }, "production.my.salesforce.com")
        run = sync
        expect(writes).to eq([{ "Fax" => "ours" }])
        expect(rows.pluck(:host)).to eq(["production.my.salesforce.com"] * 2)
        expect(run.issues.map(&:kind)).to eq([:other_org])
        expect(run.problems.join).to include("for production.my.salesforce.com (2 rows) are not sent to #{org_host}")
      end

      it "forgets them, or takes them over, as the issue says" do
        message = sync.issues.first.message
        expect(eval(message[/CrmSync::\S+ \S+ \S+\.update_all\(.*?\)/])).to eq(1) # rubocop:disable Security/Eval
        expect(sync).to have_attributes(status: :unchanged, issues: [])
        expect(writes).to eq([{ "Fax" => "production's" }])
        recorded(ann, { "Fax" => "again" }, "production.my.salesforce.com")
        eval(message[/CrmSync::\S+ \S+ \S+\.delete_all/]) # rubocop:disable Security/Eval
        expect(sync.issues).to be_empty
        expect(rows).to be_empty
      end

      it "tells of them also where nothing is written back any more" do
        silent = sync_that("UpdateUserSalesforceInfo") { contact_missing set: {} }
        expect(silent.call.issues.map(&:kind)).to eq([:other_org])
      end
    end

    describe "when it is Salesforce that does not work" do
      outages = {
        "refuses the session" => [[{ on: :update, answer: { error: { status: 401, code: "INVALID_SESSION_ID" } } }],
                                  "CrmSync::AuthenticationError"],
        "refuses to sign us in" => [[{ on: :update, answer: :expire },
                                     { on: :token, skip: 1,
                                       answer: { error: { status: 400, code: "invalid_client" } } }],
                                    "CrmSync::AuthenticationError"],
        "signs nobody in" => [[{ on: :update, answer: :expire },
                               { on: :token, skip: 1, answer: { status: { status: 500 } } }], "CrmSync::RemoteError"],
        "refuses all" => [[{ on: :update, answer: { error: { status: 403, code: "X" } } }], "CrmSync::RemoteError"],
        "has no calls left" => [[{ on: :update, answer: { error: { status: 403, code: "REQUEST_LIMIT_EXCEEDED" } } }],
                                "CrmSync::QuotaExceeded"],
        "drops all connections" => [%i[update limits].map { |on| { on:, answer: :close } }, "CrmSync::RemoteError"],
        "is in maintenance" => [%i[update limits].map { |on| { on:, answer: unavailable } }, "CrmSync::RemoteError"]
      }
      outages.each do |what, (faults, error)|
        it "stops where it #{what}: one error, no attempt of any row" do
          contacts = waiting(120)
          salesforce_has(*contacts, faults:)
          run = sync
          expect(run).to have_attributes(status: :partial, errors: [have_attributes(key: nil, exception: error)])
          expect(run.problems).to match([/\Awrite-backs wait for the next run: Salesforce: /])
          expect(rows.pluck(:attempts, :next_attempt_at).uniq).to eq([[0, nil]])
          # The list is tried three times, and then eight rows, while some others begin: far from all of them.
          expect(writes.size).to be_between(120, 3 * (120 + 50))
          salesforce_becomes(contacts)
          expect(sync.status).to eq(:unchanged)
          expect(writes.size).to eq(120)
        end
      end

      it "stops where nobody is there any more" do
        leaving = sync_that do
          attribute :faculty_status, from: "Faculty_Verified__c", map: { "Confirmed" => :confirmed_faculty }
          write_back "Fax", with: :uuid, on: { faculty_status: :confirmed_faculty }
        end
        leaving.after_transition(:faculty_status, to: :confirmed_faculty) { salesforce_stops }
        create_user(email: "ann@b.edu")
        salesforce_has contact("ann@b.edu", faculty: "Confirmed")
        run = leaving.call
        expect(run.applied.size).to eq(1)
        expect(run.errors.map(&:message)).to match([/wait for the next run: .* no connection/])
        expect(rows.pluck(:attempts)).to eq([0])
      end

      it "counts only what was answered, where it stops to work in between" do
        # The list is refused, and then one of its halves; the other one finds nobody.
        faults = [{ on: :update, times: 2, answer: refusal }, *%i[update limits].map { |on| { on:, answer: :close } }]
        salesforce_has(*waiting(2), faults:)
        expect(sync.errors.map(&:message)).to contain_exactly(/did not work and will be/, /wait for the next run/)
        expect(rows.pluck(:attempts).tally).to eq(1 => 1, 0 => 1)
      end

      it "stops where the time is up, and counts nothing that was not tried" do
        hang = [{ on: :update, answer: :hang }]
        salesforce_has(*waiting(120), faults: hang, settings: { deadline: 2, read_timeout: 30 })
        expect(sync.errors.last.message).to match(/wait for the next run: .* the time was up/)
        expect(rows.pluck(:attempts).uniq).to eq([0])
        expect(writes.size).to eq(120) # in one list
      end
    end

    describe "when a record's write has no answer, but Salesforce gives others" do
      { "nothing" => {}, "that we may not ask" => { status: { status: 403 } } }.each do |what, answer|
        it "counts an attempt, and goes on with the others; of its limits it tells #{what}" do
          faults = [{ on: :update, times: 4, answer: unavailable }] # the list, and three of its records
          faults << { on: :limits, answer: } if answer.any?
          salesforce_has(*waiting(60), faults:, settings: { attempts: 1 })
          expect(sync.errors.size).to eq(3)
          expect(rows.pluck(:attempts)).to eq([1, 1, 1])
          expect(writes.size).to eq(120)
        end
      end
    end
  end
end
