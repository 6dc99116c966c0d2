# frozen_string_literal: true

require "rails_helper"
require "support/host_app"
require "support/whole_round"

# Tenants that have schemas of their own for their users, and one schema for all with the tables of this gem, as
# Apartment has them.
RSpec.describe "a host with a schema for each tenant, and one for all" do
  include HostApp

  tenants = %w[oslo lima]

  def switch(tenant)
    tables.schema_search_path = [tenant, "public"].compact.join(", ")
  end

  def make(tenant)
    tables.execute("CREATE SCHEMA #{tenant}")
    switch(tenant)
    host_table(:members) { |t| [t.string(:email), t.string(:contact), t.string(:level)] }
    tables.add_index(:members, :contact, unique: true)
  end

  let(:sync) do
    stub_const("MemberSync", Class.new(CrmSync::ContactSync)).tap do |sync|
      sync.partition { ActiveRecord::Base.connection.schema_search_path[/\w+/] }
      sync.contacts "Contact", where: -> { "Tenant__c = '#{ActiveRecord::Base.connection.schema_search_path[/\w+/]}'" }
      sync.model "Member", foreign_key: :contact
      sync.match_by :email, to: "Email", as: :email
      sync.attribute :level, from: "Level__c"
    end
  end

  def contact_of(tenant, email, level)
    record("003", Tenant__c: tenant, Email: email, Level__c: level)
  end

  on_host_postgresql do
    before do
      tenants.each { |tenant| make(tenant) }
      host_model("Member")
      tenants.each do |tenant|
        switch(tenant)
        Member.create!(email: "ann@b.edu")
      end
      @contacts = tenants.map { |tenant| contact_of(tenant, "ann@b.edu", "of #{tenant}") }
      salesforce_has(*@contacts)
      switch("oslo")
    end

    after do
      switch(nil)
      tenants.each { |tenant| tables.execute("DROP SCHEMA #{tenant} CASCADE") }
    end

    let(:people) { Member }
    let(:expected) { [[@contacts[0]["Id"], "of oslo"]] }

    def stored
      Member.order(:id).pluck(:contact, :level)
    end

    it_behaves_like "a whole round"

    it "runs for each tenant by itself" do
      runs = tenants.map do |tenant|
        switch(tenant)
        sync.call
      end
      expect(runs.map(&:status)).to eq(%i[applied applied])
      tenants.zip(@contacts).each do |tenant, contact|
        switch(tenant)
        expect(stored).to eq([[contact["Id"], "of #{tenant}"]])
        expect(sync.runs.map { |past| past.changes.map { |change| change.after[:contact] } }).to eq([[contact["Id"]]])
      end
    end

    it "leaves a tenant's memory alone while another one's run is undone" do
      first = sync.call
      switch("lima")
      sync.call
      switch("oslo")
      first.undo!
      expect(stored).to eq([[nil, nil]])
      switch("lima")
      expect([stored, sync.plan.empty?]).to eq([[[@contacts[1]["Id"], "of lima"]], true])
    end
  end
end
