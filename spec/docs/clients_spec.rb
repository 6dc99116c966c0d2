# frozen_string_literal: true

require "rails_helper"
require_relative "../support/pages"

RSpec.describe "docs/clients.md" do
  include ShownCode

  page = Page.new("docs/clients.md")

  context "with a database" do
    using_database :sqlite

    it "shows what the Salesforce client does" do
      with_ann do |salesforce|
        expect(page.run("client")).to eq("1\n")
        expect(salesforce.records("Contact").first["Fax"]).to eq("1")
      end
    end
  end

  it "shows what the Zendesk client does" do
    fields = [{ key: "account_type", type: :dropdown, custom_field_options: ["open_partner"] }]
    CrmSync::Testing::Zendesk.start(organization_fields: fields, clock_speed: 50) do |zendesk|
      expect(page.run("zendesk client")).to match(/\AZendesk: the update of organization 8 failed: .*not found.*\n\z/)
      expect(zendesk.organizations.map { |row| row.values_at("name", "notes") }).to eq([["Big Co", "Call Ann"]])
    end
  end

  it "shows what the comparing gives" do
    expect(page.blocks("results").size).to eq(1)
    page.each_result { |given, said, line| expect(given).to eq(said), line }
  end
end
