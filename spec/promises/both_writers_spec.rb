# frozen_string_literal: true

require "rails_helper"
require "support/both_writers"
require "support/incremental_world"
require "support/moody_host"
require "support/random_org"
require "support/random_users"

# The set-based writer and the model's give the same database for the same plan, whatever another hand has done since.
# One table of three has a trigger that drops, puts back or rewrites. PLANS=40 takes fewer. A seed that has failed is
# run by itself with -e "seed 17."
RSpec.describe "both ways of writing" do
  include IncrementalWorld
  include BothWriters
  include MoodyHost

  using_database :postgresql, fresh: true

  plans = Integer(ENV.fetch("PLANS", 200))
  # The kinds of change that 200 plans must have among them, or else they show little.
  wanted = %i[link relink update unlink lead sweep sent unsent] + [
    /users_check/, /RuntimeError/, /gone/, /contact is another one/, /faculty_status has changed/,
    /no longer trusted/, /another's by stronger trust/, /no longer activated/, /no longer legacy/, /another's by now/,
    :put_back
  ]
  seen = Set.new
  ran = 0

  # A row that the table refuses makes single records fail. A text that is too long for its column is not written.
  before(:context) do
    connection = ActiveRecord::Base.connection
    connection.add_column :users, :lock_version, :integer
    connection.change_column :users, :first_name, :string, limit: 10
    connection.execute("ALTER TABLE users ADD CONSTRAINT users_check CHECK (NOT (is_test AND last_name = 'School 1'))")
    User.reset_column_information
  end

  after(:context) do
    missing = wanted.reject { |what| seen.any? { |one| what === one } } # rubocop:disable Style/CaseEquality
    raise "none of #{ran} plans had: #{missing.inspect}" if ran >= 200 && missing.any?
  end

  # A seed says which keys there are, too.
  before { ActiveRecord::Base.connection.reset_pk_sequence!("users") }

  # All that a declaration can say about columns.
  columns = proc do
    leads "Lead"
    claim = CrmSync::Contacts::Key::Tier.new(:school_issued, :contacts, "here", :contact_infos)
    declaration.keys.last.tiers << claim
    link_when :activated
    attribute :faculty_status, from: "Faculty_Verified__c",
                               map: { "Confirmed" => :confirmed_faculty, "Pending" => :pending_faculty,
                                      nil => :no_faculty_info }
    attribute :first_name, from: "Title"
    attribute :last_name, from: "Account.Name"
    contact_missing set: { faculty_status: :incomplete_signup }
    unmatched set: { faculty_status: :no_faculty_info, using_openstax: nil }, scope: :legacy
    lead_status(from: "Status", trust: :verified, scope: :legacy) do
      all "Converted", set: { faculty_status: :rejected_faculty }
      otherwise set: { faculty_status: :pending_faculty }
    end
  end

  # One user of nine makes the hook fail, in one sync of three.
  define_method(:random_syncs) do |random|
    sharing = %i[hold link].sample(random:)
    unlucky = random.rand(27)
    both do
      class_exec(&columns)
      shared_contact sharing
      after_transition :faculty_status, to: :confirmed_faculty do |user, change|
        SecurityLog.create!(user:, event_type: :faculty_verified, event_data: change.audit)
        raise "not this one" if user.id % 9 == unlucky
      end
      write_back "Fax", with: :guessed_preferred_confirmed_email, on: { faculty_status: :confirmed_faculty }
      write_back "Fax", with: :last_name, on: { faculty_status: :pending_faculty }
    end
  end

  def records(org, random)
    org.records.map { |record| { **record, "Title" => random.rand(20).zero? ? "Professor em." : "Dr" } }
  end

  def features(result)
    [*(if result[:put_back].any?
         :put_back
       end), *result[:applied].map(&:second), *result[:stale].map(&:last), *result[:errors].map do |error|
                                                                             error.join(" ")
                                                                           end,
     *(:sent if result[:sent].any?), *(:unsent if result[:outbox].any?)]
  end

  plans.times do |seed|
    it "give the same database, with seed #{seed}." do
      stub_const("CrmSync::Contacts::SetWriter::BATCH", 6)
      random = Random.new(seed)
      org = RandomOrg.new(self, random)
      random.rand(5).times { org.edit }
      users = RandomUsers.new(self, random, org)
      refusal = { on: :update, answer: { error: { status: 400, code: "INVALID_FIELD", message: "no" } } }
      salesforce_has(*records(org, random), faults: random.rand(3).zero? ? [refusal] : [])
      results = write_both(random_syncs(random)) do |plan|
        users.move(plan)
        moody(*[MoodyHost::POSTGRESQL.keys.sample(random:)].first(random.rand(3) / 2))
      end
      expect(results[:set_based]).to eq(results[:records])
      seen.merge(features(results[:set_based]))
      ran += 1
    end
  end
end
