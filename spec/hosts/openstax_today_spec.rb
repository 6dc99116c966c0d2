# frozen_string_literal: true

require "rails_helper"
require "support/host_app"
require "support/whole_round"

# OpenStax Accounts as it is today: users and contacts have a uuid in common, and schools are in the app. Each group is
# something that the routine of that app does by hand, told of the recipe that takes its place.
RSpec.describe "OpenStax Accounts today" do
  include HostApp
  include ActiveSupport::Testing::TimeHelpers

  def users_table(kind)
    host_table(:users) do |t|
      kind == :postgresql ? t.uuid(:uuid, null: false) : t.string(:uuid, null: false)
      t.string :salesforce_contact_id, index: true
      t.integer :faculty_status, null: false, default: 0
      t.integer :school_type, null: false, default: 0
      t.integer :school_location, null: false, default: 0
      t.boolean :using_openstax, default: false
      t.boolean :is_kip
      t.string :adopter_status
      t.bigint :school_id
      t.boolean :is_deleted
      t.index :uuid, unique: true
    end
    host_table(:schools) { |t| [t.string(:salesforce_id, null: false, index: { unique: true }), t.string(:name)] }
  end

  def user_model
    host_model("User") do
      choices :faculty_status, no_faculty_info: 0, pending_faculty: 1, confirmed_faculty: 2, rejected_faculty: 3,
                               pending_sheerid: 4, rejected_by_sheerid: 5, incomplete_signup: 6
      choices :school_type, unknown_school_type: 0, other_school_type: 1, college: 2, high_school: 3, k12_school: 4,
                            home_school: 5
      choices :school_location, unknown_school_location: 0, domestic_school: 1, foreign_school: 2
      belongs_to :school, optional: true
      scope :not_deleted, -> { where(is_deleted: [nil, false]) }
    end
  end

  def models
    user_model
    host_model("School")
    host_model("SecurityLog") do
      choices :event_type, salesforce_updated_faculty_status: 81, user_contact_id_updated_from_salesforce: 100
      attribute :event_data, :json
      belongs_to :user
    end
  end

  def person(**columns)
    User.create!(uuid: SecureRandom.uuid, **columns)
  end

  # The contact of a user, as the org shows it; changed long ago, unless it says otherwise.
  def contact_of(user, **fields)
    uuid = user.is_a?(String) ? user : user.uuid
    { **record("003", Accounts_UUID__c: uuid), **unsaid, **fields.transform_keys(&:to_s) }
  end

  def unsaid
    { "FV_Status__c" => nil, "School_Type__c" => nil, "Adoption_Status__c" => nil, "AccountId" => nil,
      "SystemModstamp" => stamp(1.week), "IsDeleted" => false }
  end

  def school_of(**fields)
    record("001", School_Location__c: nil, K_I_P__c: false, child_of_kip__c: false, SystemModstamp: stamp(1.week),
                  **fields)
  end

  def stamp(ago = 0)
    (Time.current - ago).utc.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
  end

  # The user who is linked already to a contact with these fields.
  def linked_person(columns = {}, **fields)
    user = person(**columns)
    contact = contact_of(user, **fields)
    user.update!(salesforce_contact_id: contact["Id"])
    [user, contact]
  end

  # What becomes of a linked user with these columns whose contact has these fields.
  def after_sync(columns = {}, account: nil, **fields)
    user, contact = linked_person(columns, **fields, **(account ? { AccountId: account["Id"] } : {}))
    salesforce_has(*[contact, account].compact)
    @run = sync.call
    user.reload
  end

  def logs(event)
    SecurityLog.where(event_type: event).order(:id).map { |log| [log.user_id, log.event_data] }
  end

  def kinds(run = @run)
    run.issues.map(&:kind)
  end

  let(:sync) { recipe("openstax_accounts_today") }

  on_each_host_database do |kind|
    before do
      CrmSync.configuration.state_dir = scratch
      users_table(kind)
      models
    end

    after { CrmSync.configuration.state_dir = nil }

    describe "contacts with a uuid, changed since the last run" do
      it "asks for these only, by stamp, and for everything once a day" do
        user = person
        salesforce_has contact_of(user, FV_Status__c: "confirmed_faculty"), record("003", Accounts_UUID__c: nil)
        sync.call
        before = salesforce.requests.size
        expect(sync.call.status).to eq(:unchanged)
        asked = salesforce.requests.drop(before).filter_map { |request| request["query"] }
        expect([queries("Contact").first, asked.join]).to match([/Accounts_UUID__c != null/, /SystemModstamp >=/])
        travel(25.hours) { expect { sync.call }.to(change { full_reads }.by(1)) }
      end

      def full_reads
        queries("Contact").count { |query| !query.include?("SystemModstamp >=") && !query.include?("Id IN") }
      end

      it "finds what has changed since" do
        user, contact = linked_person
        salesforce_has contact
        sync.call
        salesforce_has contact.merge("FV_Status__c" => "confirmed_faculty", "SystemModstamp" => stamp)
        sync.call
        expect(user.reload).to be_confirmed_faculty
      end
    end

    it "asks for the fields that it uses, and those of the Account" do
      salesforce_has contact_of(person)
      sync.call
      expect(queries("Contact").first).to include(
        "FV_Status__c", "School_Type__c", "Adoption_Status__c", "Accounts_UUID__c", "AccountId",
        "Account.School_Location__c", "Account.K_I_P__c", "Account.child_of_kip__c"
      )
    end

    describe "the match by uuid" do
      it "does not mind letter case" do
        user = person
        salesforce_has(contact = contact_of(user.uuid.upcase))
        expect(sync.call.status).to eq(:applied)
        expect(user.reload.salesforce_contact_id).to eq(contact["Id"])
      end

      it "links nobody where two contacts have one uuid, and says so, instead of taking the last one" do
        user = person
        contacts = Array.new(2) { contact_of(user) }
        salesforce_has(*contacts)
        run = sync.call
        expect([run.applied, user.reload.salesforce_contact_id]).to eq([[], nil])
        expect(run.issues.map { |issue| [issue.kind, issue.contacts] }).to include([:contested_value, ids(*contacts)])
      end

      it "does not ask for addresses" do
        salesforce_has contact_of(person)
        sync.call
        expect(queries.join).not_to match(/\bEmail\b/)
      end

      it "tells of what is no uuid, and goes on with the others" do
        user = person
        salesforce_has contact_of("none"), (contact = contact_of(user))
        run = sync.call
        expect([kinds(run), user.reload.salesforce_contact_id]).to eq([%i[malformed_key], contact["Id"]])
      end
    end

    describe "the contact's id" do
      it "is written, and logged with the one before" do
        user = person(salesforce_contact_id: (old = salesforce_id("003")))
        salesforce_has(contact = contact_of(user))
        sync.call
        expect(user.reload.salesforce_contact_id).to eq(contact["Id"])
        expect(logs(:user_contact_id_updated_from_salesforce))
          .to eq([[user.id, { "previous_contact_id" => old, "contact_id" => contact["Id"] }]])
      end

      it "mends itself where two users have each other's" do
        users = [person, person]
        contacts = users.map { |user| contact_of(user) }
        users.zip(contacts.reverse) { |user, contact| user.update!(salesforce_contact_id: contact["Id"]) }
        salesforce_has(*contacts)
        expect(sync.call.applied.map(&:action)).to eq(%i[relink relink])
        expect(users.map { |user| user.reload.salesforce_contact_id }).to eq(contacts.map { |contact| contact["Id"] })
      end

      it "stays where it is the right one, without a log" do
        after_sync
        expect(SecurityLog.count).to eq(0)
      end
    end

    describe "the faculty status" do
      %w[no_faculty_info pending_faculty confirmed_faculty rejected_faculty pending_sheerid rejected_by_sheerid
         incomplete_signup].each do |status|
        it "is #{status} where Salesforce says so" do
          expect(after_sync({ faculty_status: :pending_sheerid }, FV_Status__c: status).faculty_status).to eq(status)
        end
      end

      it "is no_faculty_info where Salesforce says nothing" do
        expect(after_sync(faculty_status: :pending_sheerid)).to be_no_faculty_info
      end

      it "stays where Salesforce says anything else; the user's other columns and all others follow" do
        other, theirs = linked_person(FV_Status__c: "confirmed_faculty")
        user, contact = linked_person({ faculty_status: :pending_faculty }, FV_Status__c: "Confirmed",
                                                                            School_Type__c: "High School")
        salesforce_has contact, theirs
        run = sync.call
        expect([user.reload, other.reload]).to match(
          [have_attributes(faculty_status: "pending_faculty", school_type: "high_school"), be_confirmed_faculty]
        )
        expect(run.issues.map { |issue| [issue.kind, issue.users] }).to eq([[:unknown_value, [user.id]]])
      end

      kept = { confirmed_faculty: %i[pending_faculty incomplete_signup no_faculty_info],
               pending_faculty: %i[incomplete_signup no_faculty_info],
               rejected_faculty: %i[incomplete_signup no_faculty_info] }
      all = %i[no_faculty_info pending_faculty confirmed_faculty rejected_faculty pending_sheerid rejected_by_sheerid
               incomplete_signup]

      kept.each do |from, tos|
        it "stays #{from} where Salesforce says less, also by a blank, and follows otherwise" do
          people = [*all, nil].map { |to| linked_person({ faculty_status: from }, FV_Status__c: to&.to_s) }
          salesforce_has(*people.map(&:last))
          sync.call(allow: { demote: 99 })
          became = people.map { |user, _| user.reload.faculty_status.to_sym }
          expect(became).to eq([*all.map { |to| tos.include?(to) ? from : to }, from])
        end
      end

      it "is logged where it has changed: who, which contact, the old one and the new one" do
        user = after_sync({ faculty_status: :pending_faculty }, FV_Status__c: "confirmed_faculty")
        sync.call
        expect(logs(:salesforce_updated_faculty_status)).to match(
          [[user.id, include("user_id" => user.id, "salesforce_contact_id" => user.salesforce_contact_id,
                             "old_status" => "pending_faculty", "new_status" => "confirmed_faculty")]]
        )
      end
    end

    { "College/University (4)" => "college", "Technical/Community College (2)" => "college",
      "Career School/For-Profit (2)" => "college", "High School" => "high_school", "K-12 School" => "k12_school",
      "Home School" => "home_school", "Academy" => "other_school_type", nil => "unknown_school_type" }
      .each do |theirs, ours|
        it "makes #{ours} of the school type #{theirs.inspect}" do
          before = ours == "college" ? :home_school : :college
          expect(after_sync({ school_type: before }, School_Type__c: theirs).school_type).to eq(ours)
        end
      end

    { "Domestic" => "domestic_school", "Foreign" => "foreign_school", "Moon" => "unknown_school_location",
      nil => "unknown_school_location" }.each do |theirs, ours|
      it "makes #{ours} of the school location #{theirs.inspect}" do
        expect(after_sync(account: school_of(School_Location__c: theirs)).school_location).to eq(ours)
      end
    end

    it "makes unknown_school_location of no Account" do
      expect(after_sync(school_location: :foreign_school)).to be_unknown_school_location
    end

    { "Current Adopter" => true, "Future Adopter" => true, "Past Adopter" => true, "Not Adopter" => false,
      nil => :kept, "" => :kept }.each do |theirs, ours|
      it "makes #{ours} of using_openstax, and copies adopter_status, for #{theirs.inspect}" do
        [true, false].each do |before|
          user = after_sync({ using_openstax: before, adopter_status: "before" }, Adoption_Status__c: theirs)
          expect(user).to have_attributes(using_openstax: ours == :kept ? before : ours, adopter_status: theirs)
        end
      end
    end

    { [true, false] => true, [false, true] => true, [false, false] => false }.each do |(kip, child), ours|
      it "makes is_kip #{ours} of #{kip} and #{child}" do
        expect(after_sync(account: school_of(K_I_P__c: kip, child_of_kip__c: child)).is_kip).to be(ours)
      end
    end

    it "makes is_kip nil without an Account" do
      expect(after_sync(is_kip: true).is_kip).to be_nil
    end

    describe "the school" do
      it "is the row of the contact's Account" do
        account = school_of
        school = School.create!(salesforce_id: account["Id"])
        expect(after_sync(account:).school).to eq(school)
      end

      it "is none without an Account" do
        expect(after_sync(school_id: School.create!(salesforce_id: salesforce_id("001")).id).school).to be_nil
      end

      it "stays where the app does not have it yet, and is told" do
        school = School.create!(salesforce_id: salesforce_id("001"))
        expect(after_sync({ school_id: school.id }, account: school_of).school).to eq(school)
        expect(kinds).to eq(%i[missing_reference])
      end
    end

    it "leaves a user alone whose contact does not come, whatever the reason" do
      gone, contact = linked_person({ faculty_status: :confirmed_faculty }, IsDeleted: true)
      lost = person(salesforce_contact_id: salesforce_id("003"), faculty_status: :confirmed_faculty)
      cleared, theirs = linked_person({ faculty_status: :confirmed_faculty }, Accounts_UUID__c: nil)
      salesforce_has contact, theirs, *Array.new(3) { linked_person.last }
      expect { sync.call }.not_to(change { [gone, lost, cleared].map { |user| user.reload.attributes } })
    end

    it "is not about users who are deleted" do
      deleted = person(is_deleted: true)
      user = person(is_deleted: false)
      contacts = [deleted, user].map { |one| contact_of(one, FV_Status__c: "confirmed_faculty") }
      salesforce_has(*contacts)
      expect(sync.call.applied.map(&:key)).to eq([user.id])
      expect(deleted.reload).to have_attributes(salesforce_contact_id: nil, faculty_status: "no_faculty_info")
    end

    it "tells of the start and the end of a run, also of one that raises" do
      told = []
      listener = ActiveSupport::Notifications.subscribe(/\A(start|finish)\.crm_sync\z/) do |name, *, payload|
        told << [name, payload[:sync], payload[:run]&.status || payload[:exception]&.first]
      end
      salesforce_has contact_of(person)
      sync.call
      salesforce_stops
      salesforce_has contact_of(person), faults: [{ on: :query, answer: :html }]
      expect { sync.call }.to raise_error(CrmSync::RemoteError)
      expect(told.map(&:first)).to eq(%w[start.crm_sync finish.crm_sync] * 2)
      expect(told.map { |_, sync, end_| [sync, end_] }.uniq)
        .to eq([["UpdateUserContactInfo", nil], ["UpdateUserContactInfo", :applied],
                ["UpdateUserContactInfo", "CrmSync::RemoteError"]])
    ensure
      ActiveSupport::Notifications.unsubscribe(listener)
    end

    context "with a user who gets a contact, one who gets another, and one who follows" do
      before do
        account = school_of(School_Location__c: "Foreign")
        school = School.create!(salesforce_id: account["Id"])
        @users = [person, person(salesforce_contact_id: salesforce_id("003")), person]
        @contacts = @users.map do |user|
          contact_of(user, FV_Status__c: "pending_faculty", Adoption_Status__c: "Past Adopter",
                           AccountId: account["Id"])
        end
        @users.last.update!(salesforce_contact_id: @contacts.last["Id"])
        @values = ["pending_faculty", true, "Past Adopter", school.id, "foreign_school"]
        salesforce_has(*@contacts, account)
      end

      let(:people) { User }
      let(:expected) { @contacts.map { |contact| [contact["Id"], *@values] } }

      def stored
        User.order(:id).map do |user|
          user.attributes.values_at("salesforce_contact_id", "faculty_status", "using_openstax", "adopter_status",
                                    "school_id", "school_location")
        end
      end

      it_behaves_like "a whole round"
    end
  end
end
