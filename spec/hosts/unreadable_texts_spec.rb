# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# A text with a NUL, or that is not UTF-8, in one row of the host's: the row is named, and the others go on.
RSpec.describe "texts that cannot be read" do
  include ContactSyncWorld

  def spoil(table, column, id, hex)
    User.connection.execute("UPDATE #{table} SET #{column} = CAST(x'#{hex}' AS TEXT) WHERE id = #{id}")
  end

  def named(run, *users)
    expect([run.status, run.errors]).to eq([:applied, []])
    issue = run.issues.find { |one| one.kind == :unreadable_text }
    expect(issue.users).to eq(users.map(&:id))
    expect(issue.message).to include("NUL or is not UTF-8").and(satisfy { |text| !text.include?("@") })
  end

  using_database :sqlite

  texts = { "a NUL" => "616E6E00406578616D706C652E656475", "a lone byte" => "616E6EFF40622E656475",
            "half an emoji" => "616E6EF09F9840622E656475", "a NUL at the end" => "616E6E40622E65647500" }
  texts.each do |what, hex|
    it "names who has an address with #{what}, and goes on with the others" do
      ann, bob = %w[ann@b.edu bob@b.edu].map { |email| create_user(email:) }
      salesforce_has contact("ann@b.edu", faculty: "Confirmed"), contact("bob@b.edu", faculty: "Confirmed")
      spoil("contact_infos", "value", ann.contact_infos.first.id, hex)
      named(sync, ann)
      expect([ann, bob].map { |user| user.reload.faculty_status }).to eq(%w[no_faculty_info confirmed_faculty])
      expect(UpdateUserSalesforceInfo.explain(ann)).to include("user #{ann.id}")
    end

    it "names who has a link or a synced value with #{what}, and goes on with the others" do
      ann, bob = %w[ann@b.edu bob@b.edu].map { |email| create_user(email:) }
      sync = sync_that { attribute :last_name, from: "Account.Name" }
      school = account("Name" => "School")
      salesforce_has school, contact("ann@b.edu", account: school), contact("bob@b.edu", account: school)
      spoil("users", "last_name", ann.id, hex)
      spoil("users", "salesforce_contact_id", create_user.id, hex)
      run = sync.call
      expect(run.issues.flat_map(&:users)).to include(ann.id, ann.id + 2)
      expect(run.errors).to eq([])
      expect(bob.reload.last_name).to eq("School")
    end
  end

  it "writes over a synced value that is not UTF-8" do
    ann = create_user(email: "ann@b.edu")
    spoil("users", "last_name", ann.id, "C3A962FF63F09F98")
    school = account("Name" => "School")
    salesforce_has school, contact("ann@b.edu", account: school)
    sync = sync_that { attribute :last_name, from: "Account.Name" }
    expect(sync.call).to have_attributes(stale: {}, errors: [], applied: have_attributes(size: 1))
    expect(ann.reload.last_name).to eq("School")
    expect(sync.call.status).to eq(:unchanged)
  end

  it "answers a question about such an address" do
    salesforce_has contact("ann@b.edu")
    create_user(email: "ann@b.edu")
    ["a\0@b.edu", "a\xFF@b.edu"].each do |text|
      expect(UpdateUserSalesforceInfo.explain(text)).to include("leads to nobody")
    end
  end

  it "has no place for it in an index" do
    index = CrmSync::EmailIndex.new.add(1, "a\xFF@b.edu", "b@b.edu")
    expect(index.match(["a\xFF@b.edu"]).outcome).to eq(:none)
    expect(index.match(["b@b.edu"]).key).to eq(1)
  end
end
