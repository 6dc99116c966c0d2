# frozen_string_literal: true

require "rails_helper"
require "support/both_writers"
require "support/settling"

# Leads that the app has made and stored: the contact that one became is its user's, before any key.
RSpec.describe "The stored leads of a contact sync" do
  include BothWriters
  include Settling

  # A sync that names the column with the stored leads, written in this way.
  def leads_sync(way = :records, where: nil, &declaration)
    stub_const("LeadsSync", Class.new(CrmSync::ContactSync)).tap do |sync|
      sync.contacts "Contact"
      sync.leads("Lead", where:, foreign_key: :salesforce_lead_id)
      sync.model "User", foreign_key: :salesforce_contact_id
      sync.match_by(:uuid, to: "Uuid__c", as: :uuid)
      sync.match_by(:contact_infos, column: :value, to: "Email", leads: "Email") { trust :verified }
      sync.attribute :first_name, from: "FirstName", overwrite: false
      sync.write way
      sync.class_exec(&declaration) if declaration
    end
  end

  def statuses
    lambda do |_|
      lead_status from: "Status", trust: :verified do
        all "Converted", set: { faculty_status: :rejected_faculty }
        otherwise set: { faculty_status: :pending_faculty }
      end
    end
  end

  def lead(email = nil, became: nil, **fields)
    super(email, status: became ? "Converted" : "Open", "ConvertedContactId" => became && became["Id"], **fields)
  end

  # A user for whom the app has made this lead.
  def user_of(lead, short: false, **options)
    create_user(salesforce_lead_id: short ? lead["Id"].first(15) : lead["Id"], **options)
  end

  let(:became) { contact("work@b.edu") }
  let(:converted) { lead("ann@b.edu", became:) }

  Databases::NAMES.each_key do |kind|
    (kind == :postgresql ? BothWriters::WAYS : %i[records]).each do |way|
      context "on #{Databases::NAMES[kind]}, with write :#{way}" do
        using_database kind

        let(:sync) { leads_sync(way) }

        it "link to the contact that they became, with a reason that names both, and are not written" do
          ann = user_of(converted)
          bob = user_of(second = lead(became: other = contact), short: true)
          cy = user_of(lead)
          salesforce_has became, other, converted, second, lead
          run = settle(sync)
          expect(actions(run.applied)).to eq(ann => :link, bob => :link)
          expect(run.applied.map(&:reason)).to eq(["lead #{id(converted)} became contact #{id(became)}",
                                                   "lead #{id(second)} became contact #{id(other)}"])
          expect(links(ann, bob, cy)).to eq([id(became), id(other), nil])
          expect(bob.salesforce_lead_id).to eq(id(second).first(15))
          expect(run.ledger[:users].notes).to include(followed_leads: 2)
          expect(run.ledger[:leads].buckets).to include(decided: 2)
        end

        it "are a premise: whoever has another one by then is not linked" do
          ann = user_of(converted)
          bob = user_of(second = lead(became: other = contact))
          salesforce_has became, other, converted, second
          plan = sync.plan
          ann.update_columns(salesforce_lead_id: nil)
          run = plan.apply
          expect(actions(run.applied)).to eq(bob => :link)
          expect(run.stale.values).to eq(["its salesforce_lead_id is another one"])
        end

        it "are a premise of a plan in a file, too, and of its undo" do
          ann = user_of(converted)
          salesforce_has became, converted
          sync.plan.save(path = File.join(scratch, "leads.plan"))
          expect(File.read(path)).to include('"matched_by":"salesforce_lead_id"')
          run = CrmSync::Plan.load(path).apply
          expect(links(ann)).to eq([id(became)])
          run.undo!
          expect(links(ann)).to eq([nil])
          ann.update_columns(salesforce_lead_id: salesforce_id("00Q"))
          expect(CrmSync::Plan.load(path).apply.applied).to eq([])
        end
      end
    end
  end

  describe "on one database" do
    using_database :sqlite

    let(:sync) { leads_sync }

    it "go before keys, one issue counts whom these lead elsewhere, and say nothing to who is linked" do
      ann = user_of(converted, email: "ann@b.edu")
      bob = user_of(converted, salesforce_contact_id: id(stored = contact))
      gone = user_of(converted, salesforce_contact_id: salesforce_id("003"))
      salesforce_has became, converted, stored, home = contact("ann@b.edu")
      run = settle(sync)
      expect(links(ann, bob, gone)).to eq([id(became), id(stored), nil])
      expect(users_of(run.issues, :keys_lead_apart)).to eq([[ann.id]])
      expect(contacts_of(run.issues, :keys_lead_apart)).to eq([ids(home)])
    end

    it "lead to a contact also where it has a contested address" do
      ann = user_of(converted)
      salesforce_has became, contact("work@b.edu"), converted
      settle(sync)
      expect(links(ann)).to eq([id(became)])
    end

    it "follow a merge of that contact, where a user's id says so" do
      sync.shared_contact :link
      old = contact.merge("IsDeleted" => true, "MasterRecordId" => id(became))
      ann = user_of(converted = lead(became: old))
      salesforce_has became, old, converted
      expect(sync.plan.changes).to eq([])
      bob = create_user(salesforce_contact_id: id(old))
      expect(actions(settle(sync).applied)).to eq(ann => :link, bob => :relink)
      expect(links(ann, bob)).to eq([id(became), id(became)])
    end

    it "wait for link_when, as keys do" do
      sync.link_when :activated
      sync.unmatched set: { faculty_status: :no_faculty_info }
      ann = user_of(converted, state: "temp")
      salesforce_has became, converted
      expect(sync.plan.changes).to eq([])
      expect(sync.explain(ann)).to include("rule 4: contact #{id(became)} fits, once the user may be linked")
      ann.update_columns(state: "activated")
      expect(actions(sync.plan.changes)).to eq(ann => :link)
      expect(sync.explain(ann)).to include("the salesforce_lead_id #{id(converted)} leads to 1 lead")
        .and include("rule 4: the lead became contact #{id(became)}")
      expect(sync.explain(id(converted))).to include("user #{ann.id}")
    end

    it "are held where the contact has another user's uuid, or one that is nobody's" do
      ann = user_of(converted)
      became["Uuid__c"] = (bob = create_user).uuid
      salesforce_has became, converted
      expect(users_of(sync.plan.issues, :shared_contact)).to eq([[ann.id, bob.id]])
      became["Uuid__c"] = SecureRandom.uuid
      salesforce_has became, converted
      expect(users_of(sync.plan.issues, :keys_disagree)).to eq([[ann.id]])
      expect(actions(sync.plan.changes)).to eq({})
      sync.keys_disagree :link
      expect(actions(sync.plan.changes)).to eq(ann => :link)
    end

    it "rank as a followed merge: before whom a key leads there, and beside each other held" do
      ann = user_of(converted)
      bob = create_user(email: "work@b.edu")
      salesforce_has became, converted
      plan = sync.plan
      expect(actions(plan.changes)).to eq(ann => :link)
      expect(users_of(plan.issues, :held_user)).to eq([[bob.id]])
      cy = user_of(converted)
      plan = sync.plan
      expect(users_of(plan.issues, :held_user)).to eq([[ann.id], [bob.id], [cy.id]])
      expect(plan.issues.map(&:message)).to include(/user #{ann.id} is held: the salesforce_lead_id leads to a contact/)
      expect(plan.ledger[:contacts].buckets).to eq(held: 1)
      sync.shared_contact :link
      expect(actions(sync.plan.changes)).to eq(ann => :link, bob => :link, cy => :link)
    end

    it "say nothing where they did not come, or what they became did not; and what is no id is an issue" do
      other = lead(became:, source: "Web")
      missing = lead(became: contact)
      users = [other, missing, lead].map { |one| user_of(one) }
      spoiled = [id(converted).downcase, "none", " "].map { |text| create_user(salesforce_lead_id: text) }
      salesforce_has became, other, missing, lead
      plan = leads_sync(where: "LeadSource = 'OSC Faculty'").plan
      expect(plan.changes).to eq([])
      expect(users_of(plan.issues, :malformed_key)).to eq([spoiled.first(2).map(&:id)])
      expect(plan.issues.map(&:message)).to include(
        "the salesforce_lead_id of 2 users (#{spoiled.first(2).map(&:id).join(", ")}) is no Salesforce id, and leads " \
        "nowhere; correct it"
      )
      expect(users.map { |user| user.reload.salesforce_contact_id }).to all(be_nil)
    end

    it "count for lead_status beside those with an address, and keep a user from being unmatched" do
      sync.class_exec(self, &statuses)
      sync.unmatched set: { faculty_status: :no_faculty_info }
      ann = user_of(open = lead)
      bob = user_of(open, email: "bob@b.edu")
      cy = user_of(done = lead(became: contact))
      none = create_user(faculty_status: :confirmed_faculty)
      salesforce_has contact, open, done, lead("bob@b.edu", became: contact)
      run = settle(sync)
      expect(actions(run.applied)).to eq(ann => :lead, bob => :lead, cy => :lead, none => :sweep)
      expect([ann, bob, cy].map { |user| user.reload.faculty_status })
        .to eq(%w[pending_faculty pending_faculty rejected_faculty])
    end

    it "are all that counts for lead_status where no key has values of leads" do
      sync = sync_that do
        leads "Lead", foreign_key: :salesforce_lead_id
        lead_status(from: "Status") { otherwise set: { faculty_status: :pending_faculty } }
      end
      sync.declaration.keys.last.leads.clear
      ann = user_of(open = lead("bob@b.edu"))
      create_user(email: "bob@b.edu")
      salesforce_has contact, open
      expect(actions(sync.plan.changes)).to eq(ann => :lead)
    end

    it "are found by a run that reads only what changed" do
      sync.incremental full_every: 1.day
      ann = user_of(converted)
      old = { "SystemModstamp" => 1.week.ago.utc.iso8601, "IsDeleted" => false }
      salesforce_has({ **became, **old }, { **converted, **old, "Status" => "Open", "ConvertedContactId" => nil })
      expect(sync.call.status).to eq(:unchanged)
      salesforce_has({ **became, **old }, { **converted, **old, "SystemModstamp" => Time.now.utc.iso8601 })
      expect(actions(sync.call.applied)).to eq(ann => :link)
    end

    it "are asked for by a plan for one user, with all who could come before that user" do
      ann = user_of(converted, short: true)
      bob = create_user(email: "work@b.edu")
      create_user(email: "other@b.edu")
      salesforce_has became, converted, contact("other@b.edu"), lead(became: contact)
      expect(actions(sync.plan(only: ann).changes)).to eq(ann => :link)
      expect(users_of(sync.plan(only: bob).issues, :held_user)).to include([bob.id])
      expect(actions(sync.call(only: ann).applied)).to eq(ann => :link)
    end
  end

  describe "a column that cannot be read as one of lead ids, or a field that is not there" do
    using_database :sqlite

    it "stops the run with the line" do
      salesforce_has(became, converted, fields: { "Lead" => %w[Id Email] })
      line = /stored_leads_spec.rb:\d+: .*ConvertedContactId/m
      expect { leads_sync.plan }.to raise_error(CrmSync::MappingError, line)
    end

    def refused(**options)
      salesforce_has
      sync = sync_that { leads("Lead", **options) }
      sync.plan
    rescue CrmSync::MappingError => e
      e.message
    end

    it "is refused on first use, and so is one that the sync writes or matches by" do
      expect(refused(foreign_key: :nothing)).to match(/users has no column nothing/)
      expect(refused(foreign_key: :faculty_status)).to match(/users.faculty_status is INTEGER, and cannot/)
      expect(refused(foreign_key: :salesforce_contact_id)).to match(/is the foreign_key: of leads, and that of model/)
    end
  end
end
