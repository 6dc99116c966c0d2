# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# Hosts are not all like the dummy: what they may have that it has not.
RSpec.describe "a contact sync in another host" do
  include ContactSyncWorld

  using_database :sqlite

  def model(name, parent = User, &)
    stub_const(name, Class.new(parent, &))
  end

  it "takes addresses that belong by another key than the primary one" do
    model("Person") do
      has_many :mails, class_name: "ContactInfo", foreign_key: :user_id, primary_key: :salesforce_lead_id
    end
    other = stub_const("OtherSync", Class.new(CrmSync::ContactSync))
    other.contacts "Contact"
    other.model "Person", foreign_key: :salesforce_contact_id
    other.match_by(:mails, column: :value, to: %w[Email]) { trust :verified }
    ann = create_user(salesforce_lead_id: "70001")
    insert_emails([{ user_id: 70_001, value: "ann@b.edu" }])
    salesforce_has contact("ann@b.edu")
    expect(other.plan.changes.map(&:key)).to eq([ann.id])
  end

  it "keeps the type of an STI class" do
    expect(CrmSync::Contacts::Membership.sql(EmailAddress.all)).to include("EmailAddress")
    expect(CrmSync::Contacts::Membership.sql(ContactInfo.all)).to eq("(1 = 1)")
  end

  it "keeps a value whose parent's parent is not there" do
    deep = sync_that { attribute :first_name, from: "Account.Owner.Name" }
    ann = contact("ann@b.edu").merge("AccountId" => salesforce_id("001"))
    user = linked_user(ann, first_name: "Ann")
    salesforce_has ann
    expect(deep.call.status).to eq(:unchanged)
    expect(user.reload.first_name).to eq("Ann")
  end

  it "quarantines a copied value that the column cannot hold" do
    copying = sync_that do
      attribute :is_kip, from: "Kip__c"
      attribute :faculty_status, from: "Status__c"
    end
    ann = contact("ann@b.edu", "Kip__c" => "No", "Status__c" => "")
    user = linked_user(ann)
    salesforce_has ann
    run = copying.call
    expect(user.reload).to have_attributes(is_kip: nil, faculty_status: "no_faculty_info")
    expect(run.issues.map(&:kind)).to eq(%i[unknown_value unknown_value])
  end

  it "sends nothing to Salesforce before the host has committed" do
    create_user(email: "ann@b.edu")
    salesforce_has contact("ann@b.edu", faculty: "Confirmed")
    ActiveRecord::Base.transaction do
      expect(sync.status).to eq(:applied)
      raise ActiveRecord::Rollback
    end
    expect(verification_mails).to be_empty
    expect(CrmSync::OutboxRow.count).to eq(0)
    sync
    expect(verification_mails.size).to eq(1)
  end

  it "ends with a deadline that the host set, instead of taking it for one record's error" do
    late = Class.new(Timeout::Error)
    patient = sync_that do
      attribute :faculty_status, from: "Faculty_Verified__c", map: { "Confirmed" => :confirmed_faculty }
      after_transition(:faculty_status, to: :confirmed_faculty) { raise late }
    end
    user = create_user(email: "ann@b.edu")
    salesforce_has contact("ann@b.edu", faculty: "Confirmed")
    expect { patient.call }.to raise_error(late)
    expect(user.reload.salesforce_contact_id).to be_nil
  end

  it "starts no thread that cannot be ended, whatever the host's callbacks do" do
    born = []
    model("Watcher") { after_commit { born << Thread.new { Queue.new.pop } } }
    watching = stub_const("WatchingSync", Class.new(CrmSync::ContactSync))
    watching.contacts "Contact"
    watching.model "Watcher", foreign_key: :salesforce_contact_id
    Watcher.has_many :contact_infos, foreign_key: :user_id
    watching.match_by(:contact_infos, column: :value, to: %w[Email]) { trust :verified }
    create_user(email: "ann@b.edu")
    salesforce_has contact("ann@b.edu")
    watching.call
    expect(born.size).to eq(1)
    expect(born.first.kill.join(10)).to eq(born.first)
  end

  it "explains in a forked child as well" do
    ids = create_users(2_000) { |n| { email: "teacher#{n}@b.edu" } }
    salesforce_has contact("teacher1@b.edu")
    UpdateUserSalesforceInfo.explain(ids.first)
    reader, writer = IO.pipe
    child = fork do
      writer.write(UpdateUserSalesforceInfo.explain(ids[1].to_s))
      writer.close
      exit!(0)
    end
    writer.close
    expect(reader.read).to include("rule 4")
    Process.wait(child)
  end

  it "takes a logger whose level is not a number" do
    CrmSync.configuration.logger = Class.new(Logger) do
      def level = :info
      def debug? = false
      def info? = true
      def add(*) = true
    end.new(nil)
    salesforce_has
    expect(sync.status).to eq(:unchanged)
  ensure
    CrmSync.configuration.logger = nil
  end
end
