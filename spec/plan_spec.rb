# frozen_string_literal: true

require "rails_helper"
require "support/incremental_world"
require_relative "support/partner_world"
require_relative "support/reachable"

# A host may keep a plan for as long as it likes: it has what it needs to be applied, and not what it was made from.
RSpec.describe CrmSync::Plan do
  # What no plan may keep alive.
  readers = [CrmSync::Internal::Planner, CrmSync::PlanHeader, CrmSync::PlanFile,
             CrmSync::Native::ContactSession, CrmSync::Native::KeptSnapshot, CrmSync::Native::OrganizationTables,
             CrmSync::Contacts::Extent, CrmSync::Contacts::Decision, CrmSync::Organizations::Decision]

  define_method(:readers_of) do |plan|
    Reachable.new(plan).classes.select { |found| readers.any? { |reader| found <= reader } }
  end

  def loaded(plan)
    path = File.join(scratch, "sync.plan")
    plan.save(path)
    described_class.load(path)
  end

  context "with contacts" do
    include IncrementalWorld

    using_database :sqlite

    let(:sync) { incremental_sync }

    before do
      create_user(email: "ann@b.edu")
      org_has contact("ann@b.edu")
    end

    it "holds on to nothing that it was read with" do
      expect(readers_of(sync.plan)).to eq([])
    end

    it "holds on to no rows of the read before" do
      sync.call
      plan = sync.plan
      expect([plan.to_s, readers_of(plan)]).to match([/read only what changed/, []])
    end

    it "holds on to no file that it was loaded from" do
      expect(readers_of(loaded(sync.plan))).to eq([])
    end

    it "is inspected without a question to the database, and counts only for budgets that it shows" do
      plan = loaded(sync.plan)
      asked = []
      listen_for(/\A/) { |sql| asked << sql }
      expect([plan.inspect, asked]).to match([/1 change/, []])
      expect([plan.to_s, asked.grep(/FROM "users"/)]).to match([/link +1/, []])
    end
  end

  context "with organizations" do
    include PartnerWorld

    let(:dir) { File.join(scratch, "stages") }

    before { partners([account(1)], [organization(2)]) }

    it "holds on to nothing that it was read with" do
      expect(readers_of(PartnerSync.plan)).to eq([])
    end

    it "holds on to no file that it was loaded from" do
      expect(readers_of(loaded(PartnerSync.plan))).to eq([])
    end

    it "holds on to no files of the stages" do
      PartnerSync.gather_accounts(dir:)
      PartnerSync.gather_organizations(dir:)
      expect(readers_of(PartnerSync.compare(dir:))).to eq([])
    end
  end
end
