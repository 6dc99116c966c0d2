# frozen_string_literal: true

require "spec_helper"
require "crm_sync/testing"

# The simulator as a host's spec starts it.
RSpec.describe CrmSync::Testing::Salesforce do
  {
    { "Fax" => "1", "Account" => { "Name" => "B" } } => /a record of Contact has "Account".* such as AccountId/,
    { "Account.Name" => "B" } => /a record of Contact has "Account.Name".* such as AccountId/,
    { School__r: { Name: "B" } } => /a record of Contact has :School__r.* such as School__c/
  }.each do |contact, message|
    it "refuses the parent in #{contact}, which no query would find" do
      expect { described_class.start(records: { "Contact" => [contact] }) }.to raise_error(ArgumentError, message)
      described_class.start(records: {}) do |salesforce|
        expect { salesforce.replace("Contact", [contact]) }.to raise_error(ArgumentError, message)
      end
    end
  end
end
