# frozen_string_literal: true

require "rails_helper"
require "support/host_world"
require "support/incremental_world"

# spec/promises/reading_by_need_spec.rb compares the plans of both ways of reading.
RSpec.describe "users who are read because they are needed" do
  include IncrementalWorld
  include HostWorld

  def need(few: 0, share: 1.0)
    stub_const("CrmSync::Contacts::Need::FEW", few)
    stub_const("CrmSync::Contacts::Need::SHARE", share)
  end

  # Returns the numbers of users who were read, and who were not.
  def read_and_not(plan)
    buckets = plan.ledger[:users].buckets
    [buckets.except(:not_concerned).values.sum, buckets[:not_concerned]]
  end

  def status_sync(name = "StatusSync", &more)
    sync_that(name) do
      attribute :faculty_status, from: "Faculty_Verified__c", privileged: :confirmed_faculty,
                                 map: { "Confirmed" => :confirmed_faculty, nil => :no_faculty_info }
      instance_exec(&more) if more
    end
  end

  # Returns what Rails logs while the block runs.
  def logged
    own = ActiveRecord::Base.logger
    text = StringIO.new
    ActiveRecord::Base.logger = Logger.new(text)
    yield
    text.string
  ensure
    ActiveRecord::Base.logger = own
  end

  on_each_database do
    before do
      @ann = create_user(email: "Ann@B.edu")
      @bob = linked_user(contact("bob@b.edu"))
      statuses = [:confirmed_faculty, *Array.new(7, :no_faculty_info)]
      create_users(8) { |n| { email: "other#{n}@b.edu", faculty_status: statuses[n] } }
      salesforce_has contact("ann@b.edu", faculty: "Confirmed"), { **contact, "Id" => @bob.salesforce_contact_id }
    end

    it "are those who are linked or have an address of a contact" do
      need
      plan = status_sync.plan
      expect(actions(plan.changes)).to eq(@ann => :link)
      expect(read_and_not(plan)).to eq([2, 8])
    end

    it "are also those of whom the sweep would change something" do
      need
      plan = status_sync { unmatched set: { faculty_status: :no_faculty_info } }.plan
      expect(plan.changes.map(&:action)).to eq(%i[link sweep])
      expect(read_and_not(plan)).to eq([3, 7])
    end

    it "are also those whose address is spelled so that the database cannot tell whose it is" do
      create_email(create_user, "\u00a0ann@b.edu")
      need
      plan = status_sync.plan
      expect(users_of(plan.issues, :held_user).flatten).to include(@ann.id)
      expect(read_and_not(plan)).to eq([3, 8])
    end

    it "are all who can be concerned, where there are few users" do
      need(few: 10)
      expect(read_and_not(status_sync.plan)).to eq([10, 0])
    end

    it "are all who can be concerned, where most are needed" do
      need(share: 0.05)
      expect(read_and_not(status_sync.plan)).to eq([10, 0])
    end

    it "are all who can be concerned, where somebody asks about one of them" do
      need
      expect(UpdateUserSalesforceInfo.explain(User.last)).to include("may be linked")
    end

    it "are found in a transaction of the host's, too" do
      need
      plan = User.transaction { status_sync.plan }
      expect(read_and_not(plan)).to eq([2, 8])
    end

    it "are counted with all others for the budgets and the source check" do
      need
      budgets = could_suffer_of(status_sync.plan)
      expect(budgets).to include(unlink: 1, demote: 1, effects: 10)
      status_sync.call
      kept = JSON.parse(CrmSync::StateRow.where("name LIKE 'sources%'").pick(:value) || "{}")
      expect(kept.to_s).to include("trusted address")
    end

    it "are read anew where a contact was looked up that has another address" do
      need
      sync = incremental_sync { declaration.contacts.where = "LeadSource = 'a'" }
      x, y = %w[cy@b.edu di@b.edu].map { |email| contact(email, "LeadSource" => "b") }
      org_has contact("ann@b.edu", "LeadSource" => "a"), x, y
      sync.call(allow: HostWorld::ALL)
      @bob.update_columns(salesforce_contact_id: x["Id"])
      cy = create_user(email: "cy@b.edu")
      # Their stamps do not say that they came into view.
      org_has contact("ann@b.edu", "LeadSource" => "a"), *[x, y].map { |record| { **record, "LeadSource" => "a" } }
      plan = nil
      expect(incremental? { plan = sync.plan }).to be(true)
      expect(users_of(plan.issues, :held_user)).to eq([[cy.id]])
    end

    it "are looked for by addresses that no log shows" do
      need
      expect(logged { status_sync.plan }).to include("COUNT(*)").and(satisfy { |text| !text.match?(/ann@b/i) })
    end
  end

  on_host_postgresql do
    it "are all where the lower case of the addresses is another language's" do
      people_table { |t| t.string :status }
      tables.execute('ALTER TABLE mails ALTER address TYPE varchar COLLATE "tr-TR-x-icu"')
      person("IAN@B.EDU")
      6.times { |n| person("other#{n}@b.edu") }
      salesforce_has contact("ian@b.edu")
      need
      expect(read_and_not(person_sync.plan)).to eq([7, 0])
    end
  end

  on_each_host_database do
    it "are all where the database cannot compare the values of a column" do
      people_table { |t| t.string :status }
      Person.attribute :status, sealed(salted: true)
      6.times { |n| person("other#{n}@b.edu", status: "Open") }
      salesforce_has contact("other1@b.edu", "Status__c" => "Open")
      need
      expect(read_and_not(person_sync { attribute :status, from: "Status__c" }.plan)).to eq([6, 0])
    end

    it "are counted for the budgets as the core counts them, whatever their integers are" do
      people_table { |t| [t.integer(:seats), t.bigint(:school_id), t.integer(:level)] }
      40.times { |n| person("other#{n}@b.edu", seats: n, school_id: (n if n.odd?), level: n % 4) }
      Person.update_all("contact = NULL")
      tables.execute("UPDATE people SET school_id = '' WHERE seats < 9") if tables.adapter_name == "SQLite"
      salesforce_has contact("other7@b.edu", "Seats__c" => 4)
      sync = person_sync do
        attribute :seats, from: "Seats__c"
        attribute :school_id, from: "School__c", blank: :keep
        attribute :level, from: "Level__c", map: { nil => 1 }, privileged: 2
        budget :thirds, level: 3
      end
      plans = Array.new(2) { |again| again.zero? ? sync.plan : need && sync.plan }
      told = plans.map { |plan| [plan.changes.map(&:to_h), could_suffer_of(plan)] }
      expect(told.last).to eq(told.first)
      expect(told.last.last).to include(demote: 10, thirds: 30, clear: 40)
    end

    it "are not counted as protected where they have the value already, in either way of reading" do
      people_table { |t| t.string :status }
      person("a@b.edu", status: "b")
      sync = person_sync do
        protect :status, from: %w[a b], to: %w[a b]
        unmatched set: { status: "b" }
      end
      salesforce_has contact("zoe@b.edu")
      protected_transitions = -> { sync.plan.ledger[:users].notes[:protected_transitions] }
      expect([protected_transitions.call, need && protected_transitions.call]).to eq([0, 0])
    end

    it "are found where a scope names a column text without its table" do
      tables.create_table(:people, force: true) { |t| [t.string(:contact), t.string(:status)] }
      tables.create_table(:mails, force: true) { |t| [t.bigint(:person_id), t.string(:text)] }
      people_models
      stub_const("Mail", Class.new(ActiveRecord::Base) { scope :known, -> { where("text NOT LIKE '%@example.com'") } })
      Mail.create!(person_id: Person.create!.id, text: "a@b.edu")
      sync = stub_const("PersonSync", Class.new(CrmSync::ContactSync))
      sync.contacts "Contact"
      sync.model "Person", foreign_key: :contact
      sync.match_by(:mails, column: :text, to: %w[Email]) { trust :known }
      salesforce_has contact("a@b.edu")
      need
      expect(sync.plan.changes.map(&:action)).to eq([:link])
    end
  end
end
