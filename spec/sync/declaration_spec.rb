# frozen_string_literal: true

require "rails_helper"
require_relative "../support/contact_sync_world"
require_relative "../support/partner_world"

# A sync can be varied: a subclass starts with a copy of the words of the class above, and may say each anew.
RSpec.describe "The declaration of a subclass" do
  def subclass(parent, &)
    sync = stub_const("Variant", Class.new(parent))
    sync.class_exec(&) if block_given?
    sync
  end

  describe "of a contact sync" do
    include ContactSyncWorld

    using_database :sqlite

    let(:parent) do
      sync_that("Parent") do
        attribute :first_name, from: "Title"
        attribute :faculty_status, from: "Faculty_Verified__c", map: { "Confirmed" => :confirmed_faculty }
        budget :confirmed, faculty_status: :confirmed_faculty
        contact_missing set: { first_name: nil }, after: 1
        over_budget :clear, :block
      end
    end

    before do
      ann = contact("ann@b.edu", faculty: "Confirmed", "Title" => "Dr", "Department" => "Maths")
      salesforce_has(ann)
      linked_user(ann, email: "ann@b.edu", first_name: "Ann")
    end

    def written(sync)
      sync.plan.changes.flat_map { |change| change.after.to_a }.to_h.transform_values(&:to_s)
    end

    it "does what the class above does, under a name of its own" do
      expect(written(subclass(parent))).to eq(written(parent)).and include(first_name: "Dr")
      expect(subclass(parent).plan.to_s).to start_with("Variant: 1 change")
    end

    it "takes what is said anew in the place of what was said above" do
      variant = subclass(parent) do
        attribute :first_name, from: "Department"
        contact_missing set: {}, after: 2
        budget :confirmed, faculty_status: :pending_faculty
        over_budget :clear, :hold
      end
      expect(written(variant)).to include(first_name: "Maths", faculty_status: "confirmed_faculty")
      expect(variant.plan.changes.first.budgets).not_to include(:confirmed)
      expect(written(parent)).to include(first_name: "Dr")
      expect(parent.plan.changes.first.budgets).to include(:confirmed)
    end

    it "refuses what the subclass itself says twice, with its line" do
      expect { subclass(parent) { 2.times { attribute :first_name, from: "Department" } } }
        .to raise_error(CrmSync::MappingError, /\A#{__FILE__}:#{__LINE__ - 1}: .*has an attribute already/)
      expect { subclass(parent) { 2.times { contact_missing set: {} } } }
        .to raise_error(CrmSync::MappingError, /contact_missing is declared twice/)
      expect { subclass(parent) { 2.times { budget :confirmed, faculty_status: :pending_faculty } } }
        .to raise_error(CrmSync::MappingError, /the budget :confirmed exists already/)
    end

    it "trusts only what it says where it says anew how users are found" do
      variant = subclass(parent) { match_by(:contact_infos, column: :value, to: %w[Email]) { trust :school_issued } }
      expect(variant.declaration.tiers.map(&:scope)).to eq([:school_issued])
      expect(parent.declaration.tiers.map(&:scope)).to eq([:verified])
    end

    it "adds to a base class that is not a sync by itself" do
      base = stub_const("Base", Class.new(CrmSync::ContactSync) { model "User", foreign_key: :salesforce_contact_id })
      variant = subclass(base) do
        contacts "Contact"
        match_by(:contact_infos, column: :value, to: %w[Email]) { trust :verified }
        attribute :first_name, from: "Title"
      end
      expect(written(variant)).to eq(first_name: "Dr")
      expect { base.plan }.to raise_error(CrmSync::MappingError, /Base does not say its contacts/)
    end
  end

  describe "of an organization sync" do
    include PartnerWorld

    it "takes what is said anew in the place of what was said above" do
      partners([account(1, Account_Owner_Calc__c: "New")], [organization(1)])
      variant = subclass(PartnerSync) { field :account_owner, from: "Name" }
      expect(variant.plan.changes.map(&:after)).to eq([{ account_owner: "Partner 1" }])
      expect(PartnerSync.plan.changes.map(&:after)).to eq([{ account_owner: "New" }])
    end
  end
end
