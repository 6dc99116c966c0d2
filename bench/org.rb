# frozen_string_literal: true

# Salesforce for the benchmark, in a process of its own so that its memory is not counted: contacts and the case they
# are for; prints its URL and ends when its input does.

$LOAD_PATH.unshift(File.expand_path("../lib", __dir__))
require "crm_sync/testing"
require_relative "data"

count = Integer(ARGV.fetch(0))
kind = ARGV.fetch(1).to_sym
linked = (count * Bench::Data::LINKED_SHARE).to_i

contacts = (1..count).map do |number|
  # Contacts that are not linked yet in the steady cases have an address that is not a user's.
  known = kind == :first || number <= linked
  adopter = kind == :some && (number % 20).zero? ? "Past Adopter" : "Current Adopter"
  email = "#{known ? "person" : "nobody"}#{number}@example.edu"
  {
    "Id" => Bench::Data.contact_id(number), "Email" => email, "Email_alt__c" => nil,
    "Accounts_UUID__c" => (Bench::Data.uuid(number) if known),
    "Faculty_Verified__c" => "Confirmed", "School_Type__c" => "College/University (4)", "Adoption_Status__c" => adopter,
    "Grant_Tutor_Access__c" => false, "AccountId" => "001000000000001AAA"
  }
end
account = { "Id" => "001000000000001AAA", "Name" => "A College", "School_Location__c" => "Domestic",
            "K_I_P__c" => false, "child_of_kip__c" => false }

CrmSync::Testing::Salesforce.start(records: { "Contact" => contacts, "Lead" => [],
                                              "Account" => [account] }) do |salesforce|
  puts salesforce.url
  $stdout.flush
  $stdin.read
end
