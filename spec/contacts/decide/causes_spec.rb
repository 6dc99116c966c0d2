# frozen_string_literal: true

require "rails_helper"
require "support/both_writers"

# Write-backs that follow a link, and those that only fill.
RSpec.describe "a write-back" do
  include BothWriters

  linking = proc do
    attribute :faculty_status, from: "Faculty_Verified__c",
                               map: { "Confirmed" => :confirmed_faculty, nil => :no_faculty_info }
    write_back "Forum_Name__c", with: :first_name, on: :link
  end
  filling = proc { write_back "Forum_Name__c", with: :first_name, on: :link, overwrite: false }
  let(:ann) { contact("ann@b.edu", "Forum_Name__c" => nil) }

  def sent
    writes_to(salesforce, answered: true).map { |id, fields| [id, fields["Forum_Name__c"]] }
  end

  { sqlite: [:records], postgresql: %i[records set_based] }.each do |database, ways|
    ways.each do |way|
      context "with write #{way.inspect} on #{database}" do
        using_database database

        let(:sync) { sync_that(&linking).tap { |sync| sync.write way } }

        it "on: :link goes to each contact that somebody gets, and to no other" do
          gone = contact("gone@b.edu", "IsDeleted" => true)
          create_user(email: "ann@b.edu", first_name: "Ann")
          linked_user(gone, email: "bob@b.edu", first_name: "Bob")
          linked_user(cy = contact("cy@b.edu", faculty: "Confirmed"), first_name: "Cy")
          create_user(email: "dan@b.edu", first_name: nil)
          bob, dan = %w[bob@b.edu dan@b.edu].map { |email| contact(email) }
          salesforce_has ann, bob, cy, dan, gone
          run = sync.call
          expect(run.applied.size).to eq(4)
          expect(sent).to match_array([[ann["Id"], "Ann"], [bob["Id"], "Bob"]])
          expect(CrmSync::OutboxRow.count).to eq(0)
          sync.call
          expect(sent.size).to eq(2)
        end

        it "on: :link counts against the budget of effects, also from a file" do
          create_user(email: "ann@b.edu", first_name: "Ann")
          salesforce_has ann
          plan = sync.plan
          expect(plan.changes.map(&:budgets)).to eq([[:effects]])
          plan.save(File.join(scratch, "sync.plan"))
          expect(CrmSync::Plan.load(File.join(scratch, "sync.plan")).changes.map(&:budgets)).to eq([[:effects]])
        end

        it "with overwrite: false goes only where the contact has no value" do
          values = { "a" => nil, "b" => "", "c" => "Taken", "d" => false }
          rows = values.map { |name, value| contact("#{name}@b.edu", "Forum_Name__c" => value) }
          values.each_key { |name| create_user(email: "#{name}@b.edu", first_name: name) }
          salesforce_has(*rows)
          run = sync_that("FillSync", &filling).tap { |made| made.write way }.call
          expect([run.status, run.issues, run.errors]).to eq([:applied, [], []])
          expect(sent).to match_array([[rows[0]["Id"], "a"], [rows[1]["Id"], "b"]])
          expect(CrmSync::OutboxRow.count).to eq(0)
        end
      end
    end
  end

  context "that waits" do
    using_database :sqlite

    def waiting(sync, **options)
      create_user(email: "ann@b.edu", first_name: "Ann")
      salesforce_has ann, contact("x@b.edu"), **options
      User.transaction { sync.call } # in a transaction of the host's nothing is sent
      expect(CrmSync::OutboxRow.count).to eq(1)
      User.find_by(first_name: "Ann")
    end

    it "does not go where the user has another contact by then" do
      sync = sync_that(&linking)
      user = waiting(sync)
      other = contact("other@b.edu")
      salesforce_has ann, other
      user.update_columns(salesforce_contact_id: other["Id"])
      expect(sync.call.issues.map(&:kind)).to eq([:withdrawn])
      expect(sent).to eq([])
    end

    it "goes with the value of then" do
      sync = sync_that(&linking)
      waiting(sync).update_columns(first_name: "Anne")
      sync.call
      expect(sent).to eq([[ann["Id"], "Anne"]])
    end

    it "does not go where the contact has got a value by then, and nothing is told" do
      sync = sync_that(&filling)
      waiting(sync)
      salesforce_has ann.merge("Forum_Name__c" => "hers")
      run = sync.call
      expect([run.issues, sent, CrmSync::OutboxRow.count]).to eq([[], [], 0])
    end

    it "waits on where the contacts cannot be read" do
      sync = sync_that(&filling)
      waiting(sync, faults: [{ on: :retrieve, answer: { status: { status: 500, body: "" } } }])
      run = sync.call
      expect([run.errors.size, CrmSync::OutboxRow.count]).to eq([1, 1])
    end

    it "waits on alone where its field cannot be read" do
      sync = sync_that do
        write_back "Forum_Name__c", with: :first_name, on: :link
        write_back "Renamed__c", with: :first_name, on: :link, overwrite: false
      end
      create_user(email: "ann@b.edu", first_name: "Ann")
      salesforce_has ann, contact("x@b.edu"), fields: { "Contact" => ann.keys | contact("x@b.edu").keys }
      run = sync.call
      expect(sent).to eq([[ann["Id"], "Ann"]])
      expect([run.errors.size, CrmSync::OutboxRow.pluck(:fields)]).to match([1, [/Renamed__c/]])
    end

    it "goes where one of the contacts has half an emoji in its field" do
      %w[ann@b.edu dan@b.edu].each { |email| create_user(email:, first_name: email[/\w+/]) }
      salesforce_has ann, contact("dan@b.edu", "Forum_Name__c" => "HALF"),
                     faults: [{ on: :retrieve, answer: { splice: { text: "HALF", bytes: "\\ud83d" } } }]
      expect([sync_that(&filling).call.errors, sent, CrmSync::OutboxRow.count]).to eq([[], [[ann["Id"], "ann"]], 0])
    end

    it "goes beside hundreds of others, each with its own user's value" do
      contacts = (1..250).to_h { |number| ["Ann #{number}", contact("ann#{number}@b.edu", "Forum_Name__c" => nil)] }
      contacts.each { |name, record| create_user(email: record["Email"], first_name: name) }
      salesforce_has(*contacts.values)
      expect(sync_that(&filling).call(allow: { effects: 250 }).errors).to eq([])
      expect(sent).to match_array(contacts.map { |name, record| [record["Id"], name] })
      expect(CrmSync::OutboxRow.count).to eq(0)
    end

    it "goes where the kind of trust has another place by then" do
      sync = sync_that(&linking)
      waiting(sync)
      later = stub_const(sync.name, Class.new(sync))
      later.match_by :contact_infos, column: :value, to: %w[Email] do
        %i[school_issued verified].each { |scope| trust scope }
      end
      expect(later.call.issues).to eq([])
      expect(sent).to eq([[ann["Id"], "Ann"]])
    end
  end

  context "of a field that has several" do
    using_database :sqlite

    before { create_user(email: "ann@b.edu", first_name: "Ann", last_name: "Lee") }

    it "goes with the method of its own value" do
      sync = sync_that do
        attribute :faculty_status, from: "Faculty_Verified__c",
                                   map: { "Confirmed" => :confirmed_faculty, "Rejected" => :rejected_faculty }
        write_back "Forum_Name__c", with: :first_name, on: { faculty_status: :confirmed_faculty }
        write_back "Forum_Name__c", with: :last_name, on: { faculty_status: :rejected_faculty }
      end
      salesforce_has ann.merge("Faculty_Verified__c" => "Rejected")
      sync.call
      expect(sent).to eq([[ann["Id"], "Lee"]])
    end

    it "gives way, where it only fills, to one that overwrites" do
      sync = sync_that do
        attribute :faculty_status, from: "Faculty_Verified__c", map: { "Confirmed" => :confirmed_faculty }
        write_back "Forum_Name__c", with: :last_name, on: :link
        write_back "Forum_Name__c", with: :first_name, on: { faculty_status: :confirmed_faculty }, overwrite: false
      end
      salesforce_has ann.merge("Faculty_Verified__c" => "Confirmed")
      sync.call
      expect(sent).to eq([[ann["Id"], "Lee"]])
    end

    it "only fills also where it is declared in another letter case" do
      sync = sync_that { write_back "forum_name__c", with: :first_name, on: :link, overwrite: false }
      salesforce_has ann.merge("Forum_Name__c" => "hers")
      expect(sync.call.status).to eq(:applied)
      expect(writes_to(salesforce, answered: true).to_a).to eq([])
    end
  end
end
