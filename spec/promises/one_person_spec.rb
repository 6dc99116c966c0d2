# frozen_string_literal: true

require "rails_helper"
require "support/incremental_world"
require "support/random_org"
require "support/random_users"
require "support/stored_leads"

# A plan for one user reads little, and says of that user what a plan for everybody says, over random orgs and users.
# WORLDS=500 takes more of them; one that has failed is run by itself with -e "world 17."
RSpec.describe "a plan for one user" do
  include IncrementalWorld

  worlds = Integer(ENV.fetch("WORLDS", 30))
  # What 60 worlds must have among them, or else they show little.
  wanted = %i[link relink update unlink lead sweep held_user contested_value shared_contact keys_disagree
              keys_lead_apart followed_leads]
  seen = Set.new
  ran = 0

  after(:context) do
    missing = wanted - seen.to_a
    raise "none of #{ran} worlds had: #{missing.inspect}" if ran >= 60 && missing.any?
  end

  # Keys of the model itself, of which a declaration can have some, and the field that has them.
  stronger = { uuid: ["Uuid__c", :uuid], support_identifier: ["Reference__c", nil] }

  # What every declaration has.
  common = proc do
    attribute :last_name, from: "Account.Name"
    contact_missing set: { faculty_status: :incomplete_signup }
  end

  # What a declaration can leave out; each is given a scope.
  parts = [
    ->(scope) { link_when scope if scope }, ->(_) { shared_contact :link }, ->(_) { keys_disagree :link },
    ->(scope) { unmatched set: { faculty_status: :no_faculty_info }, scope: },
    lambda do |scope|
      lead_status from: "Status", trust: :verified, scope: do
        all "Converted", set: { faculty_status: :rejected_faculty }
        otherwise set: { faculty_status: :pending_faculty }
      end
    end
  ]

  # A key of the model itself, stronger than those that are declared already.
  define_method(:stronger_key) do |name, random|
    field, as = stronger.fetch(name)
    all = CrmSync::Contacts::Key::Tier.new(:all, :all, "here", name)
    CrmSync::Contacts::Key.new(name:, to: [field], leads: [[field], []].sample(random:), as:,
                               evidence: random.rand(2).zero?, tiers: [all], line: "here")
  end

  define_method(:random_sync) do |random|
    keys = stronger.keys.sample(random.rand(3), random:).map { |name| stronger_key(name, random) }
    incremental_sync do
      claim = CrmSync::Contacts::Key::Tier.new(:school_issued, :contacts, "here", :contact_infos)
      declaration.keys.last.tiers << claim
      declaration.keys.unshift(*keys)
      leads "Lead", foreign_key: [:salesforce_lead_id, nil].sample(random:)
      class_exec(&common)
      parts.each { |part| class_exec([nil, :legacy].sample(random:), &part) if random.rand(3).positive? }
    end
  end

  # Gives some contacts and leads what a user has in a key, or nobody.
  define_method(:exchange_keys) do |records, random|
    nobody = Array.new(5) { |n| User.new(uuid: format("%032x", n), support_identifier: "none#{n}") }
    users = User.order(:id).to_a + nobody
    records.map do |record|
      keys = stronger.to_h { |name, (field, _)| [field, (users.sample(random:)[name] if random.rand(2).zero?)] }
      record["Id"].start_with?("001") ? record : { **record, **keys }
    end
  end

  # What is said of one user: the change, and whether it is held.
  def said(plan, key)
    changes = plan.changes.select { |change| change.key == key }
    [changes.map(&:to_h), plan.issues.select { |issue| issue.users.include?(key) }.map(&:kind).uniq.sort]
  end

  on_each_database do |_kind|
    worlds.times do |world|
      it "says what a plan for everybody says, in world #{world}." do
        random = Random.new(world)
        org = RandomOrg.new(self, random)
        RandomUsers.new(self, random, org)
        sync = random_sync(random)
        random.rand(5).times { org.edit }
        leads = StoredLeads.new(self, random)
        leads.convert(org.records)
        leads.store(org.records)
        salesforce_has(*exchange_keys(org.records, random))
        all = sync.plan(full: true)
        User.order(:id).to_a.sample(6, random:).each do |user|
          expect(said(sync.plan(only: user), user.id)).to eq(said(all, user.id)), "user #{user.id}"
        end
        seen.merge([*all.changes.map(&:action), *all.issues.map(&:kind)])
        seen << :followed_leads if all.ledger[:users].notes[:followed_leads].to_i.positive?
        ran += 1
      end
    end
  end
end
