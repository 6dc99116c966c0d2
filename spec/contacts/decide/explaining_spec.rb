# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# Explains somebody by an address or an id of Salesforce, which is at hand more often than the app's key.
RSpec.describe "explain, of a contact sync" do
  include ContactSyncWorld
  using_database :sqlite

  let(:ann) { contact("Ann@b.edu") }
  let(:bob) { lead("bob@b.edu") }
  let(:linked) { linked_user(ann, email: "other@b.edu") }
  let(:unlinked) { create_user(email: "bob@b.edu") }

  before do
    salesforce_has(ann, bob)
    [linked, unlinked]
  end

  def explain(asked)
    UpdateUserSalesforceInfo.explain(asked)
  end

  it "finds a user by the record, its key, or a record of one of its addresses" do
    [linked, linked.id, " #{linked.id} ", linked.contact_infos.first].each do |asked|
      expect(explain(asked)).to start_with("user #{linked.id}\n  linked to contact #{ann["Id"]}")
    end
  end

  it "finds a user by an address, however it is written, and shows none" do
    story = explain(" OTHER@b.edu")
    expect(story).to start_with("user #{linked.id}\n  has the address\n  linked to contact")
    expect(story).not_to match(/other@b.edu/i)
  end

  it "finds everybody who has the address" do
    twin = create_user(email: "bob@b.edu")
    expect(explain("bob@b.edu").scan(/^user (\d+)/).flatten.map(&:to_i)).to eq([unlinked.id, twin.id].sort)
  end

  it "finds who is linked to a contact, by its id in both spellings" do
    [ann["Id"], ann["Id"].first(15)].each do |id|
      expect(explain(id)).to start_with("user #{linked.id}\n  is linked to contact #{ann["Id"]}\n")
    end
  end

  it "finds who has an address of a contact or a lead" do
    linked.update!(salesforce_contact_id: nil)
    linked.contact_infos.first.update!(value: "ann@b.edu")
    expect(explain(ann["Id"])).to start_with("user #{linked.id}\n  has an address of contact #{ann["Id"]}\n")
    expect(explain(bob["Id"])).to start_with("user #{unlinked.id}\n  has an address of lead #{bob["Id"]}\n")
  end

  it "says which contact or lead has an address that is not trusted, and shows none in full" do
    user = create_user(email: "zoe@b.edu", verified: false)
    alt = contact("other.zoe@b.edu", "Email_alt__c" => "ZOE@b.edu")
    open = lead("zoe@b.edu")
    salesforce_has(ann, bob, alt, open)
    story = explain(user)
    said = "has the user's address z…@b.edu, which is in no trusted scope"
    expect(story).to include("rule 6", "  contact #{alt["Id"]} #{said} (verified, school_issued)\n",
                             "  lead #{open["Id"]} #{said} (verified)")
    expect(story).not_to match(/zoe@b.edu/i)
    user.contact_infos.first.update!(verified: true)
    expect(explain(user)).not_to include("no trusted scope")
  end

  it "asks for no more of these than a person reads, and says so" do
    stub_const("CrmSync::Contacts::UntrustedValues::LIMIT", 2)
    user = create_user(email: "none@none.com", verified: false)
    salesforce_has(*Array.new(3) { contact("none@none.com") }, lead("none@none.com"))
    story = explain(user)
    expect(story).to match(/^  contacts \S+, \S+ have the user's address n…@none.com, which is in no trusted scope/)
    expect(story).to match(/^  there may be more contacts with the user's untrusted values: only 2 were read at once$/)
    expect(story).not_to include("there may be more leads")
    expect(queries("Contact").last).to end_with(" LIMIT 2")
  end

  it "asks for many of these in queries that fit into a request, however long they are" do
    user = create_user(email: "zoe@b.edu", verified: false)
    long = Array.new(120) { |number| "#{"é" * 40}#{number}@b.edu" }
    long.each { |value| user.contact_infos.create!(type: "EmailAddress", value:, verified: false) }
    held = [long.first, long.last, "zoe@b.edu"].map { |address| contact(address) }
    salesforce_has(*held)
    before = queries("Contact").size
    story = explain(user)
    expect(held.map { |record| record["Id"] }).to all(satisfy { |id| story.include?("contact #{id} has the user's") })
    asked = queries("Contact").drop(before).grep(/ LIMIT 200\z/)
    expect(asked.size).to be_between(3, 8)
    expect(asked.map { |soql| URI.encode_www_form_component(soql).bytesize }).to all(be <= 14_000)
  end

  it "keeps the explanation when Salesforce does not answer for these" do
    user = create_user(email: "zoe@b.edu", verified: false)
    salesforce_stops
    fault = { on: :query, skip: 2, times: 99,
              answer: { error: { status: 400, code: "MALFORMED_QUERY", message: "no zoe@b.edu" } } }
    salesforce_has(ann, bob, faults: [fault])
    story = explain(user)
    expect(story).to include("rule 6").and match(
      /^  Salesforce could not be asked for contacts with the user's untrusted values: .*MALFORMED_QUERY/
    )
    expect(story.scan("could not be asked").size).to eq(1)
    expect(story).not_to include("zoe@b.edu")
  end

  it "says in the words of the declaration why a user was not read" do
    sync = sync_that do
      link_when :activated
      unmatched set: { faculty_status: :no_faculty_info }, scope: :legacy
    end
    user = create_user(email: "ann@b.edu", state: "unclaimed", is_newflow: true)
    expect(sync.explain(user)).to end_with("it is not linked, and is not in the scopes of link_when :activated and " \
                                           "unmatched scope: :legacy")
  end

  it "says that there is nobody" do
    expect(explain("nobody@b.edu")).to eq("no user has this address")
    linked.update!(salesforce_contact_id: nil)
    expect(explain(ann["Id"])).to eq("no user is linked to contact #{ann["Id"]} or has an address of it")
    expect(explain(salesforce_id("003"))).to match(/\Acontact \S+ is not there, and no user is linked to it\z/)
    expect(explain(salesforce_id("001"))).to end_with("is the id of neither a contact nor a lead")
    expect(explain(987_654)).to start_with("user 987654\n  is not there")
  end

  it "takes nothing for a key that only begins like one" do
    ["#{linked.id}abc", "34.5", "", nil, :x, Object.new].each do |asked|
      expect do
        explain(asked)
      end.to raise_error(ArgumentError, /is not a key of User, a value that it is matched by, or the id of a contact/)
    end
  end

  it "takes no record that is not saved" do
    expect { explain(User.new) }.to raise_error(ArgumentError, "the User is not saved; save it first")
  end

  it "takes no record of another model, and neither do thaw and only:; thaw takes no key of nobody" do
    log = SecurityLog.create!(event_type: :faculty_verified)
    expect do
      explain(log)
    end.to raise_error(ArgumentError, "it is a SecurityLog, and this sync is about User; give a record of User")
    expect { UpdateUserSalesforceInfo.thaw(log) }.to raise_error(ArgumentError, /this sync is about User/)
    expect { UpdateUserSalesforceInfo.thaw("#{linked.id}abc") }.to raise_error(ArgumentError, /is not a key of User/)
    expect { UpdateUserSalesforceInfo.thaw(987_654) }
      .to raise_error(ArgumentError, "there is no User 987654, and nothing of it is left alone")
    { SecurityLog.all => "records of SecurityLog", 7 => "an Integer" }.each do |only, given|
      expect { UpdateUserSalesforceInfo.plan(only:) }
        .to raise_error(ArgumentError, "only: takes User records, such as User.where(id: 7), and not #{given}")
    end
  end
end
