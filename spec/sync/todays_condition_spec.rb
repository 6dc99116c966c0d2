# frozen_string_literal: true

require "rails_helper"
require "support/incremental_world"
require "support/partner_world"

# The condition of a source as a block, which is asked at each run.
RSpec.describe "a where: that is a block" do
  include IncrementalWorld
  include PartnerWorld

  using_database :sqlite

  let(:ann) { contact("ann@b.edu", "Title" => "one") }
  let(:bob) { contact("bob@b.edu", "Title" => "two") }

  # A sync of contacts and leads with this condition.
  def conditional(where, &more)
    stub_const("ConditionalSync", Class.new(CrmSync::ContactSync)).tap do |sync|
      sync.contacts("Contact", where:)
      sync.leads("Lead", where:)
      sync.model "User", foreign_key: :salesforce_contact_id
      sync.match_by(:contact_infos, column: :value, to: %w[Email], leads: %w[Email]) { trust :verified }
      sync.lead_status(from: "Status", trust: :verified) { otherwise set: { faculty_status: :pending_faculty } }
      sync.class_exec(&more) if more
    end
  end

  it "is asked at each run" do
    title = "one"
    users = [ann, bob].map { |row| create_user(email: row["Email"]) }
    salesforce_has ann, bob
    sync = conditional(-> { "Title = '#{title}'" })
    expect(sync.plan.changes.map(&:key)).to eq([users[0].id])
    title = "two"
    expect(sync.plan.changes.map(&:key)).to eq([users[1].id])
    expect(queries("Contact").grep(/ WHERE .*Title = 'two'/).size).to eq(1)
    expect(queries("Lead").grep(/ WHERE .*Title = 'two'/).size).to eq(1)
  end

  it "may give nil, and is none then" do
    users = [ann, bob].map { |row| create_user(email: row["Email"]) }
    salesforce_has ann, bob
    expect(conditional(-> {}).plan.changes.map(&:key)).to eq(users.map(&:id))
  end

  it "quotes values, so that no quote in one ends the condition" do
    code = "one' OR Title != 'x"
    user = create_user(email: ann["Email"])
    salesforce_has ann, bob
    sync = stub_const("QuotedSync", Class.new(conditional(nil)))
    sync.class_exec { contacts "Contact", where: -> { "Title = #{soql code}" } }
    expect(sync.plan.changes).to eq([])
    code = "one"
    expect(sync.plan.changes.map(&:key)).to eq([user.id])
    code = Object.new
    expect { sync.plan }.to raise_error(CrmSync::MappingError, /:\d+: soql: "Object" cannot stand in SOQL/)
  end

  it "is asked at each run of an organization sync, too" do
    type = "Partner"
    sync = partners_with do
      accounts "Account", key: "Account_ID_18__c", where: -> { "Type = #{soql type}" }
    end
    partners([account(1), account(2, "Type" => "Pupil's")], [])
    expect(sync.plan.changes.map(&:key)).to eq([account_id(1)])
    type = "Pupil's"
    expect(sync.plan.changes.map(&:key)).to eq([account_id(2)])
    expect { partners_with { accounts "Account", key: "Id", where: ->(tenant) { tenant } } }
      .to raise_error(CrmSync::MappingError, /where: its block is given nothing, and takes 1/)
  end

  { "a number" => [7, /where: its block gives an Integer; let it give a condition/],
    "a blank text" => [" ", /where: its block gives a blank text; let it give a condition/],
    "a slip" => ["Title = 'one", /where: has a quote \('\) that is not closed \(its block gives it\)/],
    "the word itself" => ["WHERE Title = 'one'", /where: begins with WHERE; leave that word out \(its/] }
    .each do |what, (given, problem)|
    it "is refused with its line where it gives #{what}" do
      salesforce_has ann
      expect { conditional(-> { given }).plan }.to raise_error(CrmSync::MappingError) { |error|
        expect(error.message).to match(/\A#{__FILE__}:\d+: #{problem}/)
        expect(error.message).not_to include("one'")
      }
      expect(salesforce.requests.grep(/query/)).to eq([])
    end
  end

  it "is refused when it is declared where it takes an argument, or is neither text nor block" do
    expect { conditional(->(tenant) { tenant }) }
      .to raise_error(CrmSync::MappingError, /:\d+: where: its block is given nothing, and takes 1/)
    expect { conditional(:title) }.to raise_error(CrmSync::MappingError, /:\d+: where: is text, such as/)
    salesforce_has
    expect { conditional(-> { NoSuchTenant.current }).plan }
      .to raise_error(CrmSync::MappingError, /:\d+: the block names NoSuchTenant, which is not there/)
  end

  it "has everything read where it gives another one than at the last incremental read" do
    title = "Email != null"
    create_user(email: ann["Email"])
    org_has ann, bob
    sync = conditional(-> { title }) { incremental full_every: 1.day }
    expect([incremental? { sync.call }, incremental? { sync.call }]).to eq([false, true])
    title = "Email != 'x@b.edu'"
    expect([incremental? { sync.call }, incremental? { sync.call }]).to eq([false, true])
  end
end
