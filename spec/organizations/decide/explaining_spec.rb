# frozen_string_literal: true

require "rails_helper"
require_relative "../../support/partner_world"

RSpec.describe "explain, of an organization sync" do
  include PartnerWorld

  before { partners([account(1), account(2)], [organization(1), { "id" => 9, "name" => "Elsewhere" }]) }

  it "finds an account by its id in both spellings, and an organization by its own" do
    [account_id(1), account_id(1).first(15)].each do |id|
      expect(PartnerSync.explain(id)).to match(/\Aaccount #{account_id(1)}\n  account #{account_id(1)} is there\n/)
    end
    [1_001, "1001", " 1001 "].each do |id|
      expect(PartnerSync.explain(id)).to start_with("organization 1001\n  account #{account_id(1)} is there\n")
    end
  end

  it "takes a name of 18 letters for a name, and an id that was never written for no account" do
    salesforce.replace("Account", [account(1), account(2, Name: "InternationalPaper")])
    expect(PartnerSync.explain("InternationalPaper")).to start_with("account #{account_id(2)}\n")
    expect(PartnerSync.explain("#{account_id(1).first(15)}XXX")).to start_with("no account and no organization has")
  end

  it "finds both by their names, in any case" do
    expect(PartnerSync.explain("partner 1")).to start_with("account #{account_id(1)}\n")
    expect(PartnerSync.explain("Partner 2")).to include("create: account #{account_id(2)} has no organization")
    expect(PartnerSync.explain("elsewhere")).to start_with("organization 9\n")
  end

  it "says that there is none" do
    expect(PartnerSync.explain("Nobody Inc")).to eq('no account and no organization has the name "Nobody Inc"')
    expect(PartnerSync.explain(77)).to include("was not read")
    expect(PartnerSync.explain(account_id(7))).to include("was not read")
  end

  it "takes nothing that can be neither" do
    ["", "???", nil, Object.new, "a\nb"].each do |asked|
      expect { PartnerSync.explain(asked) }.to raise_error(ArgumentError, /neither the id of an account .* nor a name/)
    end
    expect(zendesk.requests + salesforce.requests).to be_empty
  end
end
