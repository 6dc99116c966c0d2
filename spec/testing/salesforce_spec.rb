# frozen_string_literal: true

require "spec_helper"
require "crm_sync/testing"

# The simulator as a host's spec starts it.
RSpec.describe CrmSync::Testing::Salesforce do
  # Neither a new simulator nor a running one takes the record.
  def expect_refusal(contact, message)
    expect { described_class.start(records: { "Contact" => [contact] }) }.to raise_error(ArgumentError, message)
    described_class.start(records: {}) do |salesforce|
      expect { salesforce.replace("Contact", [contact]) }.to raise_error(ArgumentError, message)
    end
  end

  {
    { "Fax" => "1", "Account" => { "Name" => "B" } } => /a record of Contact has "Account".* such as AccountId/,
    { "Account.Name" => "B" } => /a record of Contact has "Account.Name".* such as AccountId/,
    { School__r: { Name: "B" } } => /a record of Contact has :School__r.* such as School__c/
  }.each do |contact, message|
    it "refuses the parent in #{contact}, which no query would find" do
      expect_refusal(contact, message)
    end
  end

  ["1", "003000000000000001", "0034C00000VaYfKQA", "0034C00000VaYfKQAW", "äöüäöüäöüäöüäöü", 7].each do |id|
    it "refuses #{id.inspect} as an Id, which no record of Salesforce has" do
      message = /a record of Contact has the Id #{id.inspect}, and an id of Salesforce has 15 letters/
      [{ "Id" => id }, { Id: id }].each do |contact|
        expect_refusal(contact, message)
      end
    end
  end

  it "takes an Id of 15 or 18 characters, and gives one to a record without" do
    contacts = %w[0034C00000VaYfK 0034C00000VaYfLQAV].map { |id| { "Id" => id } } + [{ "Id" => nil }, { "Id" => "" }]
    described_class.start(records: { "Contact" => [*contacts, {}] }) do |salesforce|
      expect(salesforce.records("Contact").map { |contact| contact["Id"].size }).to eq([15, 18, 18, 18, 18])
    end
  end

  # The description of an org without declared fields has those of the records; a write adds to them.
  it "stores a field that no record has, unless the fields are given" do
    contact = { "Id" => "0034C00000VaYfK", "Email" => "ann@b.edu" }
    written = { "Id" => contact["Id"], "Fax__c" => "1" }
    described_class.start(records: { "Contact" => [contact] }) do
      client = CrmSync::Salesforce.client
      expect(client.describe("Contact").keys).not_to include("Fax__c")
      expect(client.update("Contact", [written]).map(&:ok?)).to eq([true])
      expect(client.describe("Contact").keys).to include("Fax__c")
    end
    described_class.start(records: { "Contact" => [contact] }, fields: { "Contact" => %w[Id Email] }) do
      expect(CrmSync::Salesforce.client.update("Contact", [written]).first.error.message).to include("Fax__c")
    end
  end
end
