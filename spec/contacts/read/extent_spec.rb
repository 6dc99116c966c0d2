# frozen_string_literal: true

require "rails_helper"
require "active_support/testing/time_helpers"
require "zlib"
require "support/incremental_world"

# Only what changed is read, and what is decided is what reading everything would decide.
RSpec.describe "incremental reads" do
  include IncrementalWorld
  include ActiveSupport::Testing::TimeHelpers

  after { travel_back }

  let!(:sync) { incremental_sync }
  let(:ann) { contact("ann@b.edu", faculty: "Confirmed") }
  let(:bob) { contact("bob@b.edu", faculty: "Pending") }
  let(:cy) { contact("cy@b.edu") }

  # Ann and Bob have users, and a first run has read everything.
  def begun(*others)
    @users = [ann, bob].to_h { |record| [record["Id"], create_user(email: record["Email"])] }
    org_has(ann, bob, *others)
    expect(sync.call.status).to eq(:applied)
  end

  def user(contact)
    @users.fetch(contact["Id"]).reload
  end

  on_each_database do
    it "asks only for what changed, and decides as if it had read everything" do
      begun cy
      org_has(ann, changed(bob, Faculty_Verified__c: "Confirmed"), cy)
      run = nil
      queries = asked { run = sync.call }
      expect(queries).to contain_exactly(
        a_string_matching(/ SystemModstamp, IsDeleted FROM Contact WHERE \(\(SystemModstamp >= \S+Z\)\) ORDER BY Id\z/)
      )
      expect(salesforce.requests.last["path"]).to end_with("/queryAll")
      expect(run.status).to eq(:applied)
      expect(run.ledger[:contacts]).to have_attributes(rows: 3, notes: include(changed_since_the_last_read: 1))
      expect([user(ann), user(bob)].map(&:faculty_status)).to eq(%w[confirmed_faculty confirmed_faculty])
    end

    it "keeps rows in one file of the owner's alone" do
      begun
      expect(snapshots.map { |path| File.stat(path).mode & 0o777 }).to eq([0o600])
      expect(kept_rows.map(&:first)).to match_array(ids(ann, bob))
      before = snapshots
      org_has(ann, bob, changed(cy))
      sync.call
      expect(snapshots.size).to eq(1)
      expect(snapshots).not_to eq(before)
      expect(kept_rows.map(&:first)).to match_array(ids(ann, bob, cy))
    end

    it "unlinks who is deleted, and follows who is merged" do
      others = Array.new(3) { |n| contact("other#{n}@b.edu", faculty: "Confirmed") }
      begun cy, *others
      org_has(changed(ann, IsDeleted: true), changed(bob, IsDeleted: true, MasterRecordId: cy["Id"]), cy, *others)
      run = nil
      expect(incremental? { run = sync.call }).to be(true)
      expect(run.applied.map(&:action)).to match_array(%i[unlink relink])
      expect(user(ann).salesforce_contact_id).to be_nil
      expect(user(bob).salesforce_contact_id).to eq(cy["Id"])
      expect(kept_rows.map(&:first)).to match_array(ids(cy, *others))
    end

    it "concludes from nothing that somebody is gone" do
      begun
      org_has(bob)
      run = nil
      expect(incremental? { run = sync.plan }).to be(true)
      expect(run).to be_empty
      expect(sync.plan(full: true).changes.map(&:action)).to eq([:unlink])
    end

    it "looks for a contact whom a user has and who is not among the kept ones, before it says that it is gone" do
      begun
      late = contact("late@b.edu", faculty: "Confirmed")
      other = linked_user(late)
      org_has(ann, bob, late)
      run = nil
      queries = asked { run = sync.call }
      expect(queries.last).to end_with("WHERE (Id IN ('#{late["Id"]}')) ORDER BY Id")
      expect(actions(run.applied)).to eq(other => :update)
      expect(kept_rows.map(&:first)).to match_array(ids(ann, bob, late))
    end

    it "moves the watermark also where a record was stale, which the next run decides on again" do
      begun
      before = kept_state
      user(bob).update!(faculty_status: :no_faculty_info)
      org_has(changed(ann, Faculty_Verified__c: "Pending"), bob)
      run = sync.plan
      user(bob).update!(faculty_status: :confirmed_faculty) # so that it is stale
      expect(run.apply.status).to eq(:partial)
      expect(kept_state).not_to eq(before)
      expect(incremental? { run = sync.call }).to be(true)
      expect(actions(run.applied)).to eq(user(bob) => :update)
    end
  end

  context "with one database" do
    using_database :sqlite

    it "reads everything without the word" do
      plain = sync_that("PlainSync") { contact_missing after: 2 }
      org_has(cy)
      2.times { expect(asked { plain.call }).to all(end_with(" Email_alt__c FROM Contact ORDER BY Id")) }
      expect(snapshots).to be_empty
    end

    it "reads everything when that is asked for" do
      begun
      expect(incremental? { sync.call(full: true) }).to be(false)
      expect(incremental? { sync.plan(full: true) }).to be(false)
      expect(incremental? { sync.call }).to be(true)
    end

    it "sees an account that was edited, by the parent's stamp" do
      school = account("Name" => "Old")
      sync = incremental_sync("ParentSync") { attribute :last_name, from: "Account.Name" }
      teacher = contact("ann@b.edu", account: school, faculty: "Confirmed")
      linked = linked_user(teacher)
      org_has(teacher, school)
      sync.call
      org_has(teacher, changed(school, Name: "New"))
      expect(asked { sync.call }.first).to include(" OR Account.SystemModstamp >= ")
      expect(linked.reload.last_name).to eq("New")
    end

    it "says that only changes were read" do
      begun
      org_has(changed(ann), bob)
      plan = nil
      log = logged { plan = sync.plan }
      said = /read only what changed since \S+Z: 1 row$/
      expect([plan.to_s, log]).to all(match(said))
      expect(plan.summary).not_to have_key(:missed)
    end

    it "explains without keeping anything" do
      begun
      before = [kept_state, snapshots]
      expect(sync.explain(user(ann).id)).to include("linked to contact")
      expect([kept_state, snapshots]).to eq(before)
    end
  end

  context "when rows leave the declared condition" do
    using_database :sqlite

    let!(:sync) do
      incremental_sync("LeadSync") do
        leads "Lead", where: "LeadSource = 'OSC Faculty' OR LeadSource = 'Web'"
        lead_status(from: "Status", trust: :verified) { otherwise set: { faculty_status: :pending_faculty } }
      end
    end

    it "is told so, and lets them go" do
      begun(web = lead("dee@b.edu", source: "Web"), other = lead("eve@b.edu"))
      org_has(ann, bob, changed(web, LeadSource: "Phone"), changed(other, Email: "eva@b.edu"))
      run = nil
      queries = asked { run = sync.call }
      expect(queries.grep(/FROM Lead/).first).to start_with(
        "SELECT Id FROM Lead WHERE ((NOT (LeadSource = 'OSC Faculty' OR LeadSource = 'Web')) AND (SystemModstamp >= "
      )
      expect(run.ledger[:leads].rows).to eq(1)
      expect(kept_rows("leads").map { |row| row[1] }).to eq(["eva@b.edu"])
    end
  end

  context "with what becomes visible late" do
    using_database :sqlite

    it "sees it within the overlap" do
      begun
      create_user(email: "cy@b.edu")
      org_has(ann, bob, changed(cy, ago: 5.minutes))
      expect(sync.call.applied.map(&:action)).to eq([:link])
    end

    it "counts it as missed at the next full comparison, where it is older" do
      begun
      late = create_user(email: "cy@b.edu")
      org_has(ann, bob, changed(cy, ago: 2.hours))
      expect(sync.call.status).to eq(:unchanged)
      travel_to(25.hours.from_now)
      run = nil
      log = logged { expect(incremental? { run = sync.call }).to be(false) }
      expect(run.summary[:missed]).to match(rows: 1, oldest_seconds: be_within(60).of(27.hours))
      expect(run.plan.summary[:missed]).to eq(run.summary[:missed])
      expect(run.ledger[:contacts].notes).to include(missed_by_incremental_reads: 1)
      expect(actions(run.applied)).to eq(late => :link)
      expect(log).to match(/WARN.*the incremental reads had missed 1 row, the oldest \d+ s old\. Formulas/)
      expect(sync.plan(full: true).summary[:missed]).to eq(rows: 0, oldest_seconds: nil)
    end

    it "counts a formula that changed, and who went without a word; not what the next read would have seen" do
      begun(cy, dee = contact("dee@b.edu"), eve = contact("eve@b.edu"))
      org_has({ **ann, "Faculty_Verified__c" => "Pending" }, changed(cy, Email: "cy@c.edu"),
              changed(dee, IsDeleted: true), eve)
      expect(sync.plan(full: true).summary[:missed]).to match(rows: 2, oldest_seconds: be_within(60).of(1.week))
    end

    it "does not count what a read that was not kept has seen" do
      begun
      expect(sync.plan(full: true).summary[:missed]).to eq(rows: 0, oldest_seconds: nil)
      expect(logged { sync.plan(full: true) }).not_to include("missed")
    end
  end

  context "when something was left undone" do
    using_database :sqlite

    def expect_to_stay
      before = [kept_state, snapshots]
      yield
      expect([kept_state, snapshots]).to eq(before)
    end

    it "builds on the read before, as long as all of several records fail" do
      begun
      spoil(user(ann))
      spoil(user(bob))
      org_has(changed(ann, Faculty_Verified__c: nil), changed(bob, Faculty_Verified__c: "Confirmed"))
      expect_to_stay { expect(sync.call.status).to eq(:partial) }
      expect_to_stay { expect(sync.call.status).to eq(:partial) }
      [ann, bob].each { |record| user(record).update_columns(support_identifier: "own again #{record["Id"]}") }
      expect(sync.call.status).to eq(:applied)
      org_has(ann, changed(bob, ago: 1.week, Faculty_Verified__c: "Pending"))
      expect(sync.call.status).to eq(:unchanged)
    end

    it "stays for a run that was held or blocked, for only some, or only planned" do
      teachers = Array.new(8) { |n| contact("teacher#{n}@b.edu", faculty: "Confirmed") }
      teachers.each { |teacher| linked_user(teacher, faculty_status: :confirmed_faculty) }
      begun(*teachers)
      less = teachers.map { |teacher| changed(teacher, Faculty_Verified__c: "Pending") }
      org_has(ann, bob, *less)
      expect_to_stay { expect(sync.call.status).to eq(:held) }
      expect_to_stay { sync.call(only: User.where(id: user(ann).id)) }
      expect_to_stay do
        plan = sync.plan
        expect(snapshots.size).to eq(2)
        plan.apply
      end
      org_has(ann, bob, *teachers.map { |teacher| changed(teacher, IsDeleted: true) })
      expect_to_stay { expect(sync.call.status).to eq(:blocked) }
    end

    it "keeps the old pair where a run is killed between file and watermark" do
      begun
      before = kept_state
      org_has(ann, bob, changed(cy))
      ActiveRecord::Base.connection.execute(<<~SQL)
        CREATE TRIGGER dies BEFORE INSERT ON crm_sync_states WHEN NEW.name LIKE 'last read%'
        BEGIN SELECT RAISE(ABORT, 'just now'); END
      SQL
      expect { sync.call }.to raise_error(ActiveRecord::StatementInvalid, /just now/)
      ActiveRecord::Base.connection.execute("DROP TRIGGER dies")
      expect([kept_state, snapshots.size]).to eq([before, 2])
      expect(incremental? { sync.call }).to be(true)
      abandoned = snapshots.size
      FileUtils.touch(snapshots, mtime: 2.days.ago.to_time)
      sync.call
      expect([abandoned, snapshots.size]).to eq([2, 1])
    end
  end

  context "when the last read cannot be built upon" do
    using_database :sqlite

    before { begun }

    def expect_everything
      expect(incremental? { sync.call }).to be(false)
      expect(incremental? { sync.call }).to be(true)
    end

    it "reads everything when the file is gone" do
      FileUtils.rm(snapshots)
      expect_everything
    end

    it "reads everything when the file is cut short" do
      File.truncate(snapshots.first, File.size(snapshots.first) - 9)
      expect_everything
    end

    it "reads everything when somebody has changed a row" do
      text = Zlib.gunzip(File.binread(snapshots.first))
      File.binwrite(snapshots.first, Zlib.gzip(text.sub("ann@b.edu", "eve@b.edu")))
      expect_everything
    end

    it "reads everything when a link or a folder is in the file's place" do
      path = snapshots.first
      File.rename(path, "#{path}.real")
      File.symlink("#{path}.real", path)
      expect_everything
      FileUtils.rm(path = snapshots.first)
      Dir.mkdir(path)
      expect(incremental? { sync.call }).to be(false)
    end

    it "reads everything when the rows are another sync's" do
      other = incremental_sync("OtherSync")
      expect(incremental? { other.call }).to be(false)
    end

    it "reads everything when what is kept of the last read has another form" do
      good = JSON.parse(kept_state)
      other = { "file" => "../x", "digest" => "x", "query" => "x" }
      [{}, { "watermark" => "x" }, { "full" => nil }, { "sources" => nil }, { "sources" => { a: 1 } }, [],
       { "sources" => { a: {} } }, { "sources" => { contacts: other } }].each do |form|
        form = { **good, **form } if form.is_a?(Hash) && form.any?
        CrmSync::StateRow.where("name LIKE 'last read%'").update_all(value: JSON.generate(form))
        expect_everything
      end
    end

    it "says which row to look at when what is kept cannot be read, and does not quote it" do
      CrmSync::StateRow.where("name LIKE 'last read%'").update_all(value: "ann@b.edu")
      expect { sync.call }.to raise_error(CrmSync::ConfigurationError) { |error|
        expect(error.message).to match(/the row "last read of .*" of crm_sync_states cannot be read .* then delete it/)
        expect([error.message.include?("ann@"), error.cause]).to eq([false, nil])
      }
    end

    it "reads everything when the declaration names other fields or another condition" do
      wider = incremental_sync { attribute :last_name, from: "LastName", blank: :keep }
      expect(incremental? { wider.call }).to be(false)
      wider.declaration.contacts.where = "Email != null"
      expect(incremental? { wider.call }).to be(false)
      expect(incremental? { wider.call }).to be(true)
    end

    it "reads everything when another org is read" do
      salesforce_stops
      org_has(ann, bob)
      expect(incremental? { sync.call }).to be(false)
    end

    it "reads everything now and then, and counts anew from there" do
      travel_to(23.hours.from_now)
      expect(incremental? { sync.call }).to be(true)
      travel_to(2.hours.from_now)
      expect_everything
    end

    it "reads everything when the clock was put back, or the pause was longer than deleted rows can be seen" do
      travel_to(1.hour.ago)
      expect_everything
      sync.declaration.incremental.full_every = 1.year.to_i
      travel_to(13.days.from_now)
      expect(incremental? { sync.call }).to be(true)
      travel_to(15.days.from_now)
      expect_everything
    end

    it "reads everything, each time, where rows have no stamps" do
      salesforce_has(ann, bob)
      log = logged { sync.call(full: true) }
      expect(log).to include("a row has no SystemModstamp")
    end
  end

  context "with contacts that must be missing for some reads" do
    using_database :sqlite

    it "counts full reads only" do
      patient = incremental_sync("PatientSync") { contact_missing after: 2 }
      linked = linked_user(ann)
      others = Array.new(3) { |n| contact("other#{n}@b.edu", faculty: "Confirmed") }
      org_has(ann, *others, view_all_data: :withheld)
      patient.call
      org_has(*others)
      3.times { expect(patient.call.status).to eq(:unchanged) }
      expect(patient.call(full: true).status).to eq(:unchanged)
      3.times { expect(patient.call.status).to eq(:unchanged) }
      expect(actions(patient.call(full: true).applied)).to eq(linked => :unlink)
    end
  end

  context "however the rows are read" do
    using_database :sqlite

    # Jobs are chosen where calls are short.
    ways = {
      "by jobs" => { settings: { bulk_from: 1, quota_reserve: 0.0 }, quota: { limit: 55 }, bulk_polls: 0 },
      "in ranges" => { settings: { concurrency: 4 } }
    }
    ways.each do |way, options|
      it "gives the same, #{way}" do
        many = Array.new(62) { |n| contact("teacher#{n}@b.edu", faculty: "Confirmed") }
        users = many.map { |one| create_user(email: one["Email"]) }
        org_has(*many, page_size: 2, shuffle: true, **options)
        sync.call
        org_has(*many.map { |one| changed(one, Faculty_Verified__c: "Pending") })
        run = nil
        expect(incremental? { run = sync.call(allow: { demote: 62 }) }).to be(true)
        expect(salesforce.jobs.map { |job| job["operation"] }).to eq(way == "by jobs" ? %w[query queryAll] : [])
        expect(run.ledger[:contacts].notes).to include(changed_since_the_last_read: 62)
        expect(users.map { |user| user.reload.faculty_status }.uniq).to eq(["pending_faculty"])
        expect(sync.plan(full: true).summary).to include(changes: {}, missed: { rows: 0, oldest_seconds: nil })
      end
    end
  end
end
