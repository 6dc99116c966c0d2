# frozen_string_literal: true

require "rails_helper"
require_relative "../support/partner_world"

# Half an emoji in a field of one organization, as an escape that is no character, or as bytes that are not UTF-8.
RSpec.describe "an organization sync that reads text which is not Unicode" do
  include PartnerWorld

  using_database :postgresql

  def partners_with_half(bytes)
    splice = { splice: { text: "HALF", bytes: } }
    faults = %i[organizations lookup].map { |kind| { on: kind, answer: splice } }
    partners([1, 2, 3].map { |number| account(number, Account_Owner_Calc__c: "New") },
             [organization(1), organization(2, account_owner: "Ann HALF"), organization(3)], zendesk: { faults: })
  end

  ["\\ud83d", "\u00ed\u00a0\u00bd"].each do |bytes|
    it "writes all of them (#{bytes.inspect}), and an undo writes nothing that could not be read" do
      partners_with_half(bytes)
      run = PartnerSync.call
      expect([run.status, run.applied.size, PartnerSync.plan.empty?]).to eq([:applied, 3, true])
      undone = run.undo!
      expect(undone.stale.transform_keys(&:key)).to eq(account_id(2) => "the value of account_owner was not kept")
      expect([1, 2, 3].map { |number| fields_of(number)["account_owner"] }).to eq(["Owner 1", "New", "Owner 3"])
    end
  end

  it "tells the reason of a row that a refusal quotes, and writes the others" do
    partners([account(1, Name: "Taken HALF"), account(2, Account_Owner_Calc__c: "New")],
             [organization(1), organization(2)],
             zendesk: { faults: [{ on: :job_status, answer: { splice: { text: "HALF", bytes: "\\ud83d" } } }],
                        poison: { text: "Taken", message: "Name: Taken HALF is spoilt" } })
    run = PartnerSync.call
    expect([run.applied.map(&:key), run.errors.map(&:key)]).to eq([[account_id(2)], [account_id(1)]])
    expect(run.errors.first.to_s).to include("Name: Taken � is spoilt")
  end
end
