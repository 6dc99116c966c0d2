# frozen_string_literal: true

require "rails_helper"
require "support/incremental_world"
require "support/random_org"

# Compares incremental plans with those of full reads, whatever happens in the org, as long as stamps tell of it.
RSpec.describe "incremental reads of random histories" do
  include IncrementalWorld

  let(:allow_all) { { unlink: 100, demote: 100, clear: 100, contacts: 0, leads: 0, users: 0 } }

  def random_sync
    incremental_sync do
      declaration.contacts.where = "LeadSource = 'a' OR LeadSource = 'b'"
      leads "Lead"
      attribute :last_name, from: "Account.Name"
      lead_status(from: "Status", trust: :verified) do
        all "Converted", set: { faculty_status: :rejected_faculty }
        otherwise set: { faculty_status: :pending_faculty }
      end
    end
  end

  using_database :sqlite

  24.times do |seed|
    it "plans the same, with seed #{seed}" do
      random = Random.new(seed)
      sync = random_sync
      org = RandomOrg.new(self, random)
      12.times { |n| create_user(email: "person#{n}@b.edu") }
      salesforce_has(*org.records, shuffle: true, seed:, page_size: 5)
      sync.call(allow: allow_all)
      4.times do
        random.rand(1..6).times { org.edit }
        salesforce_has(*org.records)
        plan = nil
        expect(incremental? { plan = sync.plan }).to be(true)
        full = sync.plan(full: true)
        expect(plan.changes.map(&:to_s)).to eq(full.changes.map(&:to_s))
        expect(plan.digest).to eq(full.digest)
        expect(plan.issues.map(&:to_s)).to eq(full.issues.map(&:to_s))
        expect(full.summary[:missed]).to eq(rows: 0, oldest_seconds: nil)
        sync.call(allow: allow_all)
      end
    end
  end
end
