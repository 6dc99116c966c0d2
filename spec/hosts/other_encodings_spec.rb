# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# A database that cannot have every character of Unicode.
RSpec.describe "a database in another encoding" do
  include ContactSyncWorld

  using_database :postgresql, encoding: "LATIN1"

  it "is synced, also by plans from files, whose populations it counts" do
    sync = sync_that do
      attribute :first_name, from: "Title"
      attribute :faculty_status, from: "Faculty_Verified__c", privileged: :confirmed_faculty,
                                 map: { "Confirmed" => :confirmed_faculty, nil => :no_faculty_info }
    end
    known = Array.new(9) { |n| contact("teacher#{n}@b.edu", "Title" => "Élan #{n}") }
    salesforce_has(*known)
    known.each_index { |n| create_user(email: "Teacher#{n}@b.edu") }
    expect(sync.call.applied.size).to eq(9)
    salesforce_has(*known.map { |row| { **row, "Title" => nil } })
    path = File.join(scratch, "latin.plan")
    sync.plan.save(path)
    expect(CrmSync::Plan.load(path).apply.refusals.join).to include("9 changes of the kind clear (at most 5 of 9)")
  end

  it "is refused where the session has its texts in that encoding, which lacks most of what may come" do
    salesforce_has contact("ann@b.edu", "Title" => "日本")
    user = create_user(email: "ann@b.edu", first_name: "Élan")
    sync = sync_that { attribute :first_name, from: "Title" }
    tables = ActiveRecord::Base.connection
    tables.execute("SET client_encoding TO LATIN1")
    expect { sync.call }.to raise_error(CrmSync::ConfigurationError, /texts in ISO-8859-1; say encoding: unicode/)
    tables.execute("SET client_encoding TO UTF8")
    expect(user.reload).to have_attributes(first_name: "Élan", salesforce_contact_id: nil)
  end
end

%w[LATIN1 SQL_ASCII].each do |encoding|
  RSpec.describe "an address that is not ASCII, in a database in #{encoding}" do
    include ContactSyncWorld

    using_database(:postgresql, encoding:)

    before { salesforce_has contact("ann@müller.de") }

    it "belongs to one user as it does to all" do
      user = create_user(email: "ann@MÜLLER.de")
      expect(UpdateUserSalesforceInfo.explain("ann@müller.de")).to start_with("user #{user.id}\n")
      expect(sync(only: user).applied.map(&:action)).to eq([:link])
    end

    it "belongs to nobody if another user has it in another spelling" do
      create_user(email: "ann@MÜLLER.de")
      user = create_user(email: "ann@müller.de")
      expect(sync(only: user)).to have_attributes(applied: [], status: :unchanged)
    end
  end
end
