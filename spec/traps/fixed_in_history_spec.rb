# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# Covers mistakes that the old routine made at some time, and that must not come back.
RSpec.describe "The traps that its history fixed" do
  include ContactSyncWorld

  on_each_database do
    describe "Collisions were missed by case, blanks, primary versus alternate" do
      it "has one key for all spellings of an address" do
        user = create_user(email: "office@b.edu")
        one = contact(" OFFICE@b.edu")
        two = contact("two@b.edu", "office@B.EDU\u3000")
        salesforce_has one, two
        run = sync
        expect(contacts_of(run.issues, :contested_address)).to eq([ids(one, two)])
        expect(user.reload.salesforce_contact_id).to be_nil
      end
    end

    describe "An apostrophe in an address broke the query" do
      it "is a character like any other, also beside quotes, percent signs and backslashes" do
        addresses = ["o'neil@b.edu", "o''neil@b.edu", '"o\'neil"@b.edu', "50%_off@b.edu", 'back\\slash@b.edu',
                     "';drop table users;--@b.edu"]
        users = addresses.map { |email| create_user(email:) }
        salesforce_has(*addresses.map { |email| contact(email.upcase, faculty: "Confirmed") })
        expect(actions(sync(allow: { effects: 6 }).applied)).to eq(users.to_h { |user| [user, :link] })
        expect(users.map(&:reload)).to all(be_confirmed_faculty)
      end
    end
  end

  using_database :sqlite

  describe "Fields were read that had not been fetched" do
    it "lets every field of the declaration take effect" do
      user = create_user(email: "ann@home.example")
      school = account("School_Location__c" => "Foreign", "K_I_P__c" => false, "child_of_kip__c" => true)
      fields = { "School_Type__c" => "Home School", "Adoption_Status__c" => "Future Adopter",
                 "Grant_Tutor_Access__c" => true }
      salesforce_has school, contact("ann@b.edu", "ann@home.example", faculty: "Confirmed", account: school, **fields)
      sync
      expect(user.reload).to have_attributes(
        faculty_status: "confirmed_faculty", school_type: "home_school", school_location: "foreign_school",
        using_openstax: true, is_kip: true, grant_tutor_access: true
      )
    end
  end

  describe "Two addresses of one contact counted as two contacts" do
    it "is one contact, however often it is found" do
      user = create_user(email: "ann@b.edu")
      ["ann@home.example", "ANN@b.edu"].each { |value| create_email(user, value) }
      ann = contact("ann@b.edu", "ann@home.example")
      salesforce_has ann, contact("twice@b.edu", "Twice@b.edu")
      run = sync
      expect(run.issues).to be_empty
      expect(user.reload.salesforce_contact_id).to eq(ann["Id"])
    end
  end

  describe "Leads were assumed to be one for each address" do
    it "looks at all of them, over all of a user's addresses" do
      user = create_user(email: "ann@b.edu")
      create_email(user, "ann@home.example")
      leads = [lead("ann@b.edu", status: "Converted"), lead("Ann@b.edu", status: "Converted"),
               lead("ann@home.example", status: "Open")]
      leads.permutation.each do |order|
        salesforce_has(*order)
        plan = UpdateUserSalesforceInfo.plan
        expect(plan.changes.map(&:after)).to eq([{ faculty_status: "pending_faculty" }])
      end
      salesforce_has(*leads.first(2))
      sync
      expect(user.reload).to be_rejected_faculty
    end
  end

  describe "What a log call returned was assigned to the status" do
    it "sets what the mapping says, whatever a hook gives back" do
      user = create_user(email: "ann@b.edu")
      salesforce_has contact("ann@b.edu", faculty: "Confirmed")
      chatty = sync_that do
        attribute :faculty_status, from: "Faculty_Verified__c", map: { "Confirmed" => :confirmed_faculty }
        after_transition(:faculty_status, to: :confirmed_faculty) { 3 }
      end
      chatty.call
      expect(user.reload).to be_confirmed_faculty
    end
  end

  describe "Every run logged `faculty_verified` for every confirmed user, and mailed again" do
    it "logs and mails when somebody becomes faculty, and not when somebody is" do
      ann = contact("ann@b.edu", faculty: "Pending")
      user = create_user(email: "ann@b.edu")
      long_since = contact("bob@b.edu", faculty: "Confirmed")
      linked_user(long_since, email: "bob@b.edu", faculty_status: :confirmed_faculty)
      [ann, ann.merge("Faculty_Verified__c" => "Confirmed"),
       ann.merge("Faculty_Verified__c" => "Confirmed", "School_Type__c" => "High School")].each do |row|
        salesforce_has row, long_since
        2.times { sync }
      end
      expect(user.reload).to be_high_school
      expect(SecurityLog.where(event_type: :faculty_verified).pluck(:user_id)).to eq([user.id])
      expect(verification_mails).to eq([[ann["Id"], "ann@b.edu"]])
    end

    it "says who and why, and needs no request to do so" do
      user = create_user(email: "ann@b.edu")
      ann = contact("ann@b.edu", faculty: "Confirmed")
      salesforce_has ann
      sync
      log = SecurityLog.last
      expect(log).to have_attributes(user_id: user.id, remote_ip: nil, application_id: nil)
      expect(log.event_data).to include("user_id" => user.id, "salesforce_contact_id" => ann["Id"])
    end
  end

  describe "Error mails went out three times an hour" do
    before do
      ActionMailer::Base.deliveries.clear
      create_user(email: "office@b.edu")
      salesforce_has contact("office@b.edu"), contact("office@b.edu")
    end

    def mails
      ActionMailer::Base.deliveries
    end

    it "sends one, and only where the run was asked to and the administrators want it" do
      sync(allow_error_email: true)
      Settings::Salesforce.user_info_error_emails_enabled = true
      sync
      expect(mails).to be_empty
      sync(allow_error_email: true)
      expect(mails.map(&:subject)).to eq(["[OpenStax] [Accounts] (test) (test) UpdateUserSalesforceInfo errors"])
      expect(mails.map(&:to)).to eq([["crm@example.org"]])
    end

    it "tells what is wrong, and nobody's address" do
      Settings::Salesforce.user_info_error_emails_enabled = true
      sync(allow_error_email: true)
      expect(mails.first.body.to_s).to include(salesforce.records("Contact").first["Id"])
      expect(mails.first.body.to_s).not_to include("office@b.edu")
    end

    it "sends none where nothing is wrong" do
      Settings::Salesforce.user_info_error_emails_enabled = true
      salesforce_has contact("office@b.edu")
      sync(allow_error_email: true)
      expect(mails).to be_empty
    end
  end

  describe "Leads and sweep overwrote the statuses of the new flow" do
    it "leaves those to their owner, and lets the contact decide all the same" do
      swept, awaited, linked = [nil, "lead@b.edu", "ann@b.edu"].map do |email|
        create_user(email:, is_newflow: true, faculty_status: :pending_sheerid)
      end
      salesforce_has contact("ann@b.edu", faculty: "Confirmed"), lead("lead@b.edu", status: "Converted")
      sync
      expect([swept, awaited].map(&:reload)).to all(have_attributes(faculty_status: "pending_sheerid"))
      expect(linked.reload).to be_confirmed_faculty
    end
  end

  describe "A contact that is not there crashed" do
    it "is a case of its own: the user is unlinked, with the declared values, and the others go on" do
      user = linked_user(contact, faculty_status: :pending_faculty, school_type: :college, using_openstax: true)
      other = create_user(email: "ann@b.edu")
      salesforce_has contact("ann@b.edu")
      run = sync
      expect(run.errors).to be_empty
      expect(actions(run.applied)).to eq(user => :unlink, other => :link)
      expect(user.reload).to have_attributes(salesforce_contact_id: nil, faculty_status: "no_faculty_info",
                                             school_type: "unknown_school_type", using_openstax: true)
    end
  end

  describe "A school was cleared because it was not known yet" do
    it "takes a school that is named but not there for unknown, and none at all for none" do
      row = contact(faculty: "Confirmed")
      user = linked_user(row, school_location: :foreign_school, is_kip: true)
      salesforce_has row.merge("AccountId" => account["Id"])
      run = sync
      expect(user.reload).to have_attributes(school_location: "foreign_school", is_kip: true,
                                             faculty_status: "confirmed_faculty")
      expect(run.ledger[:contacts].notes).to include(parent_not_there: 1)
      salesforce_has row
      sync
      expect(user.reload).to have_attributes(school_location: "unknown_school_location", is_kip: nil)
    end
  end

  describe "Names and values changed upstream" do
    # The line of the routine that says this.
    def line_with(text)
      path = Rails.root.join("app/routines/update_user_salesforce_info.rb")
      "#{path.basename}:#{File.readlines(path).index { |line| line.include?(text) } + 1}: "
    end

    it "names the line of the declaration when a field of contacts is gone" do
      fields = %w[Email Email_alt__c FV_Status__c School_Type__c Adoption_Status__c Grant_Tutor_Access__c AccountId]
      salesforce_has fields: { "Contact" => fields }
      named = /#{line_with('from: "Faculty_Verified__c"')}.*'Faculty_Verified__c'/
      expect { sync }.to raise_error(CrmSync::MappingError, named)
    end

    it "names the line of the declaration when a field of leads is gone, though contacts have one of that name" do
      salesforce_has fields: { "Lead" => %w[Email__c Status LeadSource] }
      expect { sync }.to raise_error(CrmSync::MappingError, /#{line_with("match_by :contact_infos")}.*'Email'/)
    end

    it "quarantines a value that it does not know, for the users who have it, and names it" do
      rows = ["confirmed_faculty", "", "Pending"].map { |faculty| contact(faculty:) }
      users = rows.map { |row| linked_user(row, faculty_status: :rejected_faculty, school_type: :college) }
      salesforce_has(*rows)
      run = sync
      statuses = users.map { |user| user.reload.faculty_status }
      expect(statuses).to eq(%w[rejected_faculty rejected_faculty pending_faculty])
      expect(users).to all(be_unknown_school_type)
      expect(users_of(run.issues, :unknown_value)).to contain_exactly([users[0].id], [users[1].id])
      expect(run.problems.join).to include("confirmed_faculty")
    end

    it "refuses a value that the model does not know, before anything is read" do
      salesforce_has
      wrong = sync_that { attribute :faculty_status, from: "FV__c", map: { "Confirmed" => :confirmed } }
      expect { wrong.call }.to raise_error(CrmSync::MappingError, /#{__FILE__}:#{__LINE__ - 1}: .*confirmed_faculty/)
      expect(salesforce.requests).to be_empty
    end

    it "sweeps nobody when the leads' source was renamed, so that none come any more" do
      user = create_user(email: "ann@b.edu")
      ann = lead("ann@b.edu")
      salesforce_has ann
      sync
      salesforce_has ann.merge("LeadSource" => "OSC faculty, renamed")
      run = sync
      expect(run.status).to eq(:blocked)
      expect(run.refusals.join).to include("leads came back empty; there were 1 last time")
      expect(user.reload).to be_pending_faculty
    end
  end

  describe "A comparison of a symbol with a string protected nobody" do
    it "protects, however the values are written" do
      row = contact(faculty: "Pending")
      user = linked_user(row, faculty_status: :confirmed_faculty)
      salesforce_has row
      [:confirmed_faculty, "confirmed_faculty", 2].each do |confirmed|
        guarded = sync_that do
          attribute :faculty_status, from: "Faculty_Verified__c", map: { "Pending" => "pending_faculty" }
          protect :faculty_status, from: confirmed, to: :pending_faculty
        end
        guarded.call
        expect(user.reload).to be_confirmed_faculty
      end
    end
  end

  describe "Contacts of other record types were left out by a filter that nobody saw" do
    it "reads all contacts unless the declaration says otherwise" do
      salesforce_has
      sync
      expect(queries("Contact").size).to eq(1)
      expect(queries("Contact").first).not_to match(/WHERE|LIMIT/i)
    end
  end

  describe "Each way in matched by rules of its own" do
    before do
      @user = create_user(email: "ANN@b.edu", verified: false)
      salesforce_has contact("ann@b.edu", faculty: "Confirmed")
    end

    it "matches no unverified address, by whatever way" do
      expect(sync(only: User.where(id: @user.id)).status).to eq(:unchanged)
      expect(UpdateUserSalesforceInfo.explain(@user)).to include("rule 6")
      expect(UpdateUserSalesforceInfo.plan).to be_empty
    end

    it "matches a verified one in any case, by whatever way" do
      ContactInfo.update_all(verified: true)
      expect(UpdateUserSalesforceInfo.explain(@user)).to include("rule 4: gets contact")
      expect(actions(UpdateUserSalesforceInfo.plan.changes)).to eq(@user => :link)
      expect(actions(sync(only: User.where(id: @user.id)).applied)).to eq(@user => :link)
    end

    it "decides on everybody even where only some may change" do
      ContactInfo.update_all(verified: true)
      create_user(email: "ann@b.edu")
      expect(sync(only: User.where(id: @user.id)).applied).to be_empty
    end
  end

  describe "#1139: contact and status were lost after a change of address, or to a second account" do
    it "follows the link, not the address" do
      ann = contact("ann@b.edu", faculty: "Confirmed")
      user = linked_user(ann, email: "ann@new.example", faculty_status: :confirmed_faculty)
      second = create_user(email: "ann@b.edu")
      salesforce_has ann
      sync
      expect(user.reload).to have_attributes(salesforce_contact_id: ann["Id"], faculty_status: "confirmed_faculty")
      expect(second.reload.salesforce_contact_id).to be_nil
    end
  end

  describe "#538: students must never become verified faculty" do
    it "confirms nobody by an address that nobody verified, nor anybody whose account is not activated" do
      claimant = create_user(email: "ann@b.edu", verified: false)
      inactive = create_user(email: "bob@b.edu", state: "unverified")
      salesforce_has contact("ann@b.edu", faculty: "Confirmed"), contact("bob@b.edu", faculty: "Confirmed")
      sync
      expect([claimant, inactive].map(&:reload)).to all(be_no_faculty_info)
    end
  end
end
