# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"
require "support/partner_world"

RSpec.describe CrmSync::ShadowReport do
  describe "of a contact sync" do
    include ContactSyncWorld

    on_each_database do
      before do
        salesforce_has(*%w[ann bob cy].map { |name| contact("#{name}@b.edu", faculty: "Confirmed") })
        @users = %w[ann bob cy dan].to_h { |name| [name, create_user(email: "#{name}@b.edu", first_name: name)] }
      end

      # Acts as an old routine: some right, some wrong, some not at all.
      def old_routine
        ids = salesforce.records("Contact").to_h { |row| [row["Email"][/\w+/], row["Id"]] }
        @users["ann"].update!(salesforce_contact_id: ids["ann"], faculty_status: :confirmed_faculty,
                              school_type: :unknown_school_type)
        @users["bob"].update!(salesforce_contact_id: ids["bob"], faculty_status: :rejected_faculty)
        @users["dan"].update!(faculty_status: :pending_faculty)
      end

      it "tells where both agree, and where and why they differ; the sync writes nothing" do
        report = small.shadow { old_routine }
        expect([report.agreed, report.differing]).to eq([1, 3])
        found = report.differences.to_h { |row| [User.find(row.key).first_name, row] }
        kinds = { "bob" => "done otherwise", "cy" => "not done", "dan" => "theirs only" }
        expect(found.transform_values(&:kind)).to eq(kinds)
        expect(found["bob"].moves).to eq([%w[faculty_status rejected_faculty confirmed_faculty]])
        expect(found["bob"].reason).to include("linked to contact")
        expect(found["dan"].moves).to eq([["faculty_status", "pending_faculty", nil]])
        expect(report.to_s).to include("beside the old routine: 1 run, 1 change alike, 3 differences",
                                       "faculty_status: rejected_faculty (old), confirmed_faculty (new)")
        expect(@users["cy"].reload.salesforce_contact_id).to be_nil
        expect(salesforce.requests.map { |request| request["method"] }).not_to include("PATCH")
      end

      it "keeps its runs for a report over days" do
        2.times { small.shadow { old_routine } }
        report = small.shadow_report
        expect([report.runs.size, report.differing, report.differences.size]).to eq([2, 5, 3])
        expect(small.shadow_report(since: 1.hour.from_now).runs).to eq([])
      end

      it "keeps of each record the latest difference only, and of a run the counts" do
        3.times { small.shadow { nil } }
        @users["cy"].update!(faculty_status: :pending_faculty)
        small.shadow { nil }
        report = small.shadow_report
        expect([report.runs.size, report.differing, report.differences.size]).to eq([4, 12, 3])
        found = report.differences.find { |row| row.key == @users["cy"].id.to_s }
        expect(found.moves).to include(%w[faculty_status pending_faculty confirmed_faculty])
        kept = CrmSync::State.for(small.name).read("shadow")
        expect(kept["runs"].map(&:keys).uniq).to eq([%w[at agreed differing]])
        expect(kept["differences"].map { |row| row["key"] }.tally.values).to eq([1, 1, 1])
      end

      it "keeps no more than 500 differences of all runs, but counts them all" do
        contacts = (1..301).map { |n| contact("first#{n}@b.edu") }
        create_users(301) { |n| { email: "first#{n + 1}@b.edu" } }
        salesforce_has(*contacts)
        expect(small.shadow { nil }.differences.size).to eq(301)
        others = (1..301).map { |n| contact("second#{n}@b.edu") }
        create_users(301) { |n| { email: "second#{n + 1}@b.edu" } }
        salesforce_has(*others)
        small.shadow { nil }
        report = small.shadow_report
        expect([report.runs.size, report.differing, report.differences.size]).to eq([2, 602, 500])
      end

      describe "where both change the same record" do
        let(:ann) { salesforce.records("Contact").first }
        let(:user) { @users["ann"] }

        # Runs a routine beside a sync with these words, and returns the differences of Ann's record.
        def beside(status = "Confirmed", words = {}, &)
          salesforce_has ann.merge("Faculty_Verified__c" => status)
          sync = sync_that do
            attribute :faculty_status, from: "Faculty_Verified__c",
                                       map: { "Confirmed" => :confirmed_faculty }, blank: :no_faculty_info, **words
            protect :faculty_status, from: :rejected_faculty, to: :confirmed_faculty
          end
          report = sync.shadow(&)
          own, others = report.differences.partition { |row| row.key == user.id.to_s }
          expect([report.agreed, others]).to eq([own.any? ? 0 : 1, []])
          own.map { |row| [row.kind, row.action, row.moves] }
        end

        def link(**values)
          user.update_columns(salesforce_contact_id: ann["Id"], **values)
        end

        it "reports a column that the sync leaves alone because the declaration does not know the value" do
          expect(beside("Emeritus") { link }).to eq([])
          user.update!(salesforce_contact_id: nil)
          expect(beside("Emeritus") { link(faculty_status: :rejected_faculty) })
            .to eq([["done otherwise", "link", [["faculty_status", "rejected_faculty", nil]]]])
        end

        it "reports a column that the sync leaves alone because its value is to be kept" do
          user.update!(faculty_status: :pending_faculty)
          expect(beside(nil, { blank: :keep }) { link(faculty_status: :rejected_faculty) })
            .to eq([["done otherwise", "link", [["faculty_status", "rejected_faculty", nil]]]])
        end

        it "reports a column that the sync would have set otherwise, and does not change any more" do
          expect(beside { link(faculty_status: :rejected_faculty) })
            .to eq([["done otherwise", "link", [%w[faculty_status rejected_faculty confirmed_faculty]]]])
        end

        it "reports a column that only the sync would have changed" do
          expect(beside { user.touch and ann["Email"] = "other@b.edu" and salesforce_has(ann) })
            .to eq([["not done", "link", [["salesforce_contact_id", "nil", ann["Id"]],
                                          %w[faculty_status no_faculty_info confirmed_faculty]]]])
        end

        it "takes both spellings of an id for the same" do
          expect(beside { link(salesforce_contact_id: ann["Id"].first(15), faculty_status: :confirmed_faculty) })
            .to eq([])
        end

        it "says in words that the sync leaves a column alone" do
          salesforce_has ann.merge("Faculty_Verified__c" => "Emeritus")
          expect(small.shadow { link(faculty_status: :rejected_faculty) }.to_s)
            .to include("0 changes alike, 1 difference", "faculty_status: rejected_faculty (old), left as it was (new)")
        end
      end

      it "sees what a routine does that leaves updated_at alone, and that takes a record out of the scope" do
        stub_const("Waiting", Class.new(User) do
          self.table_name = "users"
          has_many :contact_infos, foreign_key: :user_id
          scope :waiting, -> { where(faculty_status: :no_faculty_info) }
        end)
        scoped = stub_const("ScopedSync", Class.new(small))
        scoped.model "Waiting", foreign_key: :salesforce_contact_id, scope: :waiting
        ids = salesforce.records("Contact").to_h { |row| [row["Email"][/\w+/], row["Id"]] }
        report = scoped.shadow do
          @users["ann"].update_columns(salesforce_contact_id: ids["ann"], faculty_status: :confirmed_faculty)
          @users["bob"].update_columns(salesforce_contact_id: ids["bob"], faculty_status: :rejected_faculty)
          @users["dan"].update_columns(faculty_status: :pending_faculty)
        end
        expect(report.agreed).to eq(1)
        expect(report.differences.to_h { |row| [User.find(row.key).first_name, [row.kind, row.moves.last]] })
          .to eq("bob" => ["done otherwise", %w[faculty_status rejected_faculty confirmed_faculty]],
                 "cy" => ["not done", %w[faculty_status no_faculty_info confirmed_faculty]],
                 "dan" => ["theirs only", ["faculty_status", "pending_faculty", nil]])
      end

      it "looks up only the records that have left the scope, not the whole table" do
        stub_const("Mostly", Class.new(User) do
          self.table_name = "users"
          has_many :contact_infos, foreign_key: :user_id
          default_scope { where.not(faculty_status: :pending_faculty) }
        end)
        scoped = stub_const("MostlySync", Class.new(small))
        scoped.model "Mostly", foreign_key: :salesforce_contact_id
        stub_const("CrmSync::Contacts::Watch::SLICE", 1)
        read = []
        allow_any_instance_of(CrmSync::Contacts::Watch).to receive(:rows).and_wrap_original do |rows, records, &block|
          rows.call(records) { |key, row| block.call(read.push(key).last, row) }
        end
        create_user(email: "eve@b.edu", faculty_status: :pending_faculty)
        gone = %w[cy dan].map { |name| @users[name] }
        report = scoped.shadow { gone.each { |user| user.update_columns(faculty_status: :pending_faculty) } }
        expect(report.differences.select { |row| row.moves.last[1] == "pending_faculty" }.map { |row| row.key.to_i })
          .to match_array(gone.map(&:id))
        expect(read).to match_array(@users.values.map(&:id) * 2)
      end

      # Two columns, as nobody's old routine has all of the recipe's.
      def small
        @small ||= sync_that do
          attribute :faculty_status, from: "Faculty_Verified__c",
                                     map: { "Confirmed" => :confirmed_faculty, nil => :no_faculty_info }
        end
      end
    end
  end

  describe "of an organization sync" do
    include PartnerWorld

    it "tells what the old routine has not done, or done otherwise" do
      partners([account(1), account(2, Account_Owner_Calc__c: "New"), account(3, Account_Owner_Calc__c: "New")],
               [organization(1), organization(2), organization(3)])
      done = [organization(1), organization(2, account_owner: "New"), organization(3, account_owner: "Wrong")]
      report = PartnerSync.shadow { zendesk.replace(done) }
      expect([report.agreed, report.differing]).to eq([1, 1])
      expect(report.differences.first.moves).to eq([%w[account_owner Wrong New]])
      expect(writes).to eq([])
    end
  end

  it "needs an old routine" do
    expect { PartnerSync.shadow }.to raise_error(ArgumentError, /needs a block/)
  end
end
