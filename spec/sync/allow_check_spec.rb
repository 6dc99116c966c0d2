# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"
require_relative "../support/partner_world"

RSpec.describe "the option allow" do
  it "takes budgets and sources, which the declaration names" do
    expect(PartnerSync.declaration.allowed_names).to eq(%i[mark clear accounts organizations linked])
    own = Class.new(UpdateUserSalesforceInfo) { budget :confirm, faculty_status: :confirmed_faculty }
    expect(own.declaration.allowed_names.last(5)).to eq(%i[confirm contacts leads users linked])
  end

  it "is checked before a contact sync reads anything, and before it asks for credentials" do
    expect { UpdateUserSalesforceInfo.call(allow: { unlinked: 1 }) }
      .to raise_error(ArgumentError, "allow: there is no :unlinked; did you mean :unlink?")
  end

  context "with organizations" do
    include PartnerWorld

    it "refuses a name that is neither a budget nor a source" do
      partners([account(1)], [])
      expect { PartnerSync.plan.apply(allow: { unlink: 1 }) }
        .to raise_error(ArgumentError, "allow: there is no :unlink; there are " \
                                       "[:mark, :clear, :accounts, :organizations, :linked]")
      expect(writes).to eq([])
    end

    {
      { "mark" => 1 } => /allow: there is no "mark"; did you mean :mark\?/,
      { marc: 1 } => /allow: there is no :marc; did you mean :mark\?/,
      { mark: "20" } => /allow: takes whole numbers, such as allow: { mark: 20 }/,
      { mark: true } => /allow: takes whole numbers/, { mark: -1 } => /allow: takes whole numbers/,
      :mark => /allow: is a Symbol; write it as allow: { mark: 20 }/, nil => /allow: is nil; write it as/
    }.each do |allow, message|
      it "refuses #{allow.inspect}" do
        partners([account(1)], [])
        expect { PartnerSync.plan.apply(allow:) }.to raise_error(ArgumentError, message)
        expect(writes).to eq([])
      end
    end

    it "is checked before a run reads anything" do
      partners([account(1)], [])
      expect { PartnerSync.call(allow: { marc: 1 }) }.to raise_error(ArgumentError, /no :marc/)
      expect(salesforce.requests + zendesk.requests).to eq([])
    end

    it "is checked before a stage deletes the result of an earlier run" do
      partners([account(1)], [])
      File.write(result = File.join(dir = scratch, "run.json"), "{}")
      expect { PartnerSync.apply(dir:, allow: { marc: 1 }) }.to raise_error(ArgumentError, /no :marc/)
      expect(File).to exist(result)
    end
  end
end
