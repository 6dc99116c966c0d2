# frozen_string_literal: true

require "rails_helper"
require "active_support/testing/time_helpers"
require "support/contact_sync_world"
require "support/partner_world"

# The same problems are told again only once a day, in the log and to those who want to hear of them.
RSpec.describe "What is told of problems" do
  include ActiveSupport::Testing::TimeHelpers

  let(:start) { Time.utc(2026, 3, 3, 6) }
  let(:reports) { [] }

  before { travel_to(start) }
  after { travel_back }

  # Returns the log's lines about what was held or blocked.
  def told(&)
    logged(&).lines.grep_v(/Finished/).filter_map { |line| line[/ -- : \w+: ((held|still|blocked|recovered).*)/, 1] }
  end

  # The problems of each report that the calls in the block set off.
  def reported
    before = reports.size
    yield
    reports.drop(before)
  end

  def listen(sync)
    heard = reports
    sync.report_problems { |run| heard << run.problems }
    sync
  end

  describe "by a contact sync" do
    include ContactSyncWorld

    using_database :sqlite

    let(:small) { listen(sync_that { contact_missing set: {} }) }
    let(:contacts) { Array.new(20) { contact } }

    def call
      small.call(allow_error_email: true)
    end

    # Six contacts are gone, which is more than may be unlinked.
    before do
      contacts.each { |row| linked_user(row) }
      salesforce_has(*contacts.drop(6), *deleted(contacts.first(6)))
    end

    def deleted(rows)
      rows.map { |row| { **row, "IsDeleted" => true } }
    end

    it "tells the log once what is held, and then in one line, for a day" do
      expect(told { call }).to match([/\Aheld back: 6 changes of the kind unlink.*call\(allow/])
      travel(30.minutes)
      expect(told { small.call }).to eq(["still held, as since 2026-03-03 06:00 UTC: 6 changes of the kind unlink"])
      travel_to(start + 22.hours)
      expect(told { small.call }).to match([/\Aheld back: 6 changes/])
    end

    it "tells it anew when it concerns others" do
      small.call
      salesforce_has(*contacts.drop(7))
      expect(told { small.call }).to match([/\Aheld back: 7 changes/])
    end

    it "tells once that it is over" do
      small.call
      travel(1.hour)
      salesforce_has(*contacts)
      expect(told { small.call }).to eq(["recovered: what was held or blocked since 2026-03-03 06:00 UTC is over"])
      expect(told { small.call }).to eq([])
      salesforce_has(*contacts.drop(6))
      expect(told { small.call }).to match([/\Aheld back: 6 changes/])
    end

    it "tells a blocked source once, though its rows are others" do
      salesforce_has(*contacts)
      small.call
      salesforce_has(*contacts.first(4))
      expect(told { small.call }).to match([/\Ablocked, nothing was written: contacts came back with 4 rows/])
      salesforce_has(*contacts.first(3))
      expect(told { small.call }).to match([/\Astill blocked, as since .*: contacts came back with 3 rows; there were/])
      salesforce_has
      expect(told { small.call }).to match([/\Ablocked, nothing was written: contacts came back empty/])
    end

    it "reports the same problems once a day, also when clocks go forward, and keeps them in the run" do
      expect(reported { call }).to match([[/\Aheld back: 6/]])
      travel(30.minutes)
      expect(reported { expect(call.problems).to match([/\Aheld back: 6/]) }).to eq([])
      travel_to(start + 23.hours)
      expect(reported { call }).to match([[/\Aheld back: 6/]])
      expect(reported { call }).to eq([])
    end

    it "reports others at once" do
      call
      office = Array.new(2) { contact("office@b.edu") }
      salesforce_has(*contacts.drop(6), *deleted(contacts.first(6)), *office)
      expect(reported { call }).to match([[/\Aheld back: 6/, /\Acontested_address/]])
    end

    it "reports once that they are over" do
      call
      travel(1.hour)
      salesforce_has(*contacts)
      expect(reported { expect(call.problems).to eq([]) })
        .to eq([["recovered: the problems that were reported since 2026-03-03 06:00 UTC are over"]])
      expect(reported { 2.times { call } }).to eq([])
    end

    it "forgets nothing that was not wanted, and nothing when nobody was told" do
      expect(reported { small.call }).to eq([])
      expect(reported { call }.size).to eq(1)
      salesforce_has(*contacts)
      expect(reported { small.call }).to eq([])
      expect(reported { call }).to match([[/\Arecovered/]])
    end

    it "reports again where the report failed" do
      small.declaration.report.block = ->(_run) { raise "no mail today" }
      expect { call }.to raise_error("no mail today")
      small.declaration.report.block = ->(run) { reports << run.problems }
      expect(reported { call }.size).to eq(1)
    end

    it "asks whether it is wanted, each time" do
      wanted = [false, true]
      small.declaration.report.condition = -> { wanted.shift }
      expect(reported { 3.times { call } }.size).to eq(1)
      expect(wanted).to eq([])
    end

    it "tells a run for a few in full, and lets it change nothing for the others" do
      call
      held, others = User.ids.sort.partition.with_index { |_, n| n < 6 }.map { |ids| User.where(id: ids) }
      few = { allow_error_email: true, only: held }
      expect(told { expect(reported { small.call(**few) }).to eq([]) }).to match([/\Aheld back: 6/])
      few = { allow_error_email: true, only: others }
      expect(told { expect(reported { small.call(**few) }).to eq([]) }).to eq([])
      expect(told { expect(reported { call }).to eq([]) }).to match([/\Astill held/])
    end

    it "knows an error again, though the numbers of its message are others" do
      contacts.each { |row| row["Faculty_Verified__c"] = "Confirmed" }
      tries = 0
      heard = reports
      failing = sync_that("FailingSync") do
        attribute :faculty_status, from: "Faculty_Verified__c", map: { "Confirmed" => :confirmed_faculty }
        after_transition(:faculty_status, to: :confirmed_faculty) { raise "no answer after #{tries += 1} s" }
        report_problems { |run| heard << run.problems }
      end
      salesforce_has(*contacts)
      problems = reported { 2.times { failing.call(allow_error_email: true) } }
      expect(problems).to match([[/no answer after 1 s/, *([/no answer/] * 19)]])
    end

    describe "with issues that last" do
      let(:heard) do
        listen(sync_that("HeardSync") { attribute :faculty_status, from: "Faculty_Verified__c", map: :enum })
      end
      let(:people) { [] }

      before { contacts.each { |row| row["Faculty_Verified__c"] = "no_faculty_info" } }

      # Has the sync run with this many users more whose contacts have a value that the declaration does not know.
      def call_with(more, value = "Ask Kim")
        more.times do
          people << contact("u#{people.size}@b.edu", faculty: value)
          create_user(email: people.last["Email"])
        end
        salesforce_has(*contacts, *people)
        heard.call(allow_error_email: true)
      end

      it "takes them for the same, however many users they concern" do
        expect(reported { call_with(1) }).to match([[/unknown_value: .*"Ask Kim".* as it is for 1 user\z/]])
        expect(reported { expect(call_with(1).problems).to match([/for 2 users\z/]) }).to eq([])
        expect(reported { call_with(12) }).to eq([])
      end

      it "does not take them for the same with another value, or another user" do
        call_with(1)
        expect(reported { call_with(1, "Ask Lee") }.last.size).to eq(2)
        first, second = Array.new(2) { create_user(salesforce_contact_id: "nonsense") }
        expect(reported { call_with(0) }.last.grep(/invalid_contact_id/).size).to eq(2)
        first.destroy!
        second.update_columns(salesforce_contact_id: nil)
        create_user(salesforce_contact_id: "nonsense")
        expect(reported { call_with(0) }.last.grep(/invalid_contact_id/).size).to eq(1)
      end
    end

    it "does not take what was stale for a problem that lasts" do
      other = contact
      salesforce_has(*contacts.drop(1), *deleted([contacts.first, other]))
      plan = small.plan
      User.first.update!(salesforce_contact_id: other["Id"])
      planner = CrmSync::Contacts::Planner.new(small).tap { |made| allow(made).to receive(:plan).and_return(plan) }
      allow(CrmSync::Contacts::Planner).to receive(:new).and_return(planner)
      expect(reported { call }).to match([[/changed since the plan/]])
      allow(CrmSync::Contacts::Planner).to receive(:new).and_call_original
      expect(reported { call }).to eq([])
    end
  end

  describe "by an organization sync" do
    include PartnerWorld

    using_database :sqlite

    let(:partner_sync) { listen(stub_const("HeardPartners", Class.new(PartnerSync))) }

    def call
      partner_sync.call(allow_error_email: true)
    end

    it "tells and reports the same once a day, and that it is over" do
      partners((1..40).map { |n| account(n) }, (1..40).map { |n| organization(n) })
      accounts = salesforce.records("Account")
      others_deleted(accounts.drop(6))
      expect(told { expect(reported { call }).to match([[/\Aheld back: 6 changes of the kind mark/]]) }.size).to eq(1)
      travel(30.minutes)
      expect(told { expect(reported { call }).to eq([]) })
        .to include("still held, as since 2026-03-03 06:00 UTC: 6 changes of the kind mark")
      travel(1.day)
      expect(told { expect(reported { call }.size).to eq(1) }).to match([/\Aheld back/])
      salesforce.replace("Account", accounts)
      expect(told { expect(reported { call }).to match([[/\Arecovered/]]) }).to match([/\Arecovered/])
    end

    it "reports the problems of the last stage, if it is asked to" do
      partners((1..40).map { |n| account(n) }, (1..40).map { |n| organization(n) })
      others_deleted(salesforce.records("Account").drop(6))
      dir = scratch
      %i[gather_accounts gather_organizations compare].each { |stage| partner_sync.public_send(stage, dir:) }
      expect(reported { partner_sync.apply(dir:) }).to eq([])
      expect(reported { partner_sync.apply(dir:, allow_error_email: true) }).to match([[/\Aheld back: 6 changes/]])
    end
  end
end
