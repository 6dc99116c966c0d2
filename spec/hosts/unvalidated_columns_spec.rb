# frozen_string_literal: true

require "rails_helper"
require "support/host_world"

# Columns that were declared NOT NULL without a look at the rows, as PostgreSQL 18 allows: no NULL can be written there,
# but some may still be there.
RSpec.describe "a host with columns that are NOT NULL, NOT VALID" do
  include HostWorld

  on_host_postgresql do |kind|
    # Ann has NULLs, Bob has values.
    def people_with_nulls
      needs_postgresql 18
      people_table { |t| [t.integer(:seats), t.string(:status)] }
      person("ann@b.edu")
      person("bob@b.edu", seats: 1, status: "Open")
      tables.execute("ALTER TABLE people ADD CONSTRAINT filled NOT NULL seats NOT VALID, " \
                     "ADD CONSTRAINT known NOT NULL status NOT VALID")
      people_models
      salesforce_has(*%w[ann@b.edu bob@b.edu].map { |email| contact(email, "Seats__c" => 4, "Status__c" => "New") })
    end

    def copying(way, **options)
      person_sync(way) do
        attribute :seats, from: "Seats__c", **options
        attribute :status, from: "Status__c", **options
      end
    end

    it "replaces the NULLs that are left" do
      ways(kind).each do |way|
        people_with_nulls
        sync = copying(way)
        expect(sync.call).to have_attributes(errors: [], applied: have_attributes(size: 2))
        expect([Person.pluck(:seats, :status).uniq, sync.plan.changes]).to eq([[[4, "New"]], []])
      end
    end

    it "fills the NULLs that are left, and only these" do
      ways(kind).each do |way|
        people_with_nulls
        sync = copying(way, overwrite: false)
        expect(sync.call.errors).to eq([])
        expect([Person.order(:id).pluck(:seats, :status), sync.plan.changes]).to eq([[[4, "New"], [1, "Open"]], []])
      end
    end
  end
end
