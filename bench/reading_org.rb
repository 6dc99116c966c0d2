# frozen_string_literal: true

# Salesforce for the benchmark of reading, in a process of its own: so many contacts of twenty fields, and so many
# milliseconds before each answer; prints its URL and ends when its input does.

$LOAD_PATH.unshift(File.expand_path("../lib", __dir__))
require "crm_sync/testing"
require_relative "data"

# Ids count to the base of 62, as Salesforce's do.
DIGITS = [*"0".."9", *"A".."Z", *"a".."z"].freeze

def id(number)
  digits = []
  10.times do
    digits.unshift(DIGITS[number % 62])
    number /= 62
  end
  Bench::Data.with_suffix("0034C#{digits.join}")
end

count, latency_ms = ARGV.map { |number| Integer(number) }

contacts = (1..count).map do |number|
  {
    "Id" => id(number * 7), "AccountId" => "001000000000001AAA",
    "Email" => "person#{number}@example.edu", "Email_alt__c" => nil, "FirstName" => "Ann#{number % 977}",
    "LastName" => "Lee#{number % 1_999}", "Title" => "Professor of #{number % 37}", "Phone" => "555-#{number}",
    "MailingCity" => "Springfield", "MailingState" => "Texas", "MailingCountry" => "United States",
    "Faculty_Verified__c" => "Confirmed", "School_Type__c" => "College/University (4)",
    "Adoption_Status__c" => "Current Adopter", "Grant_Tutor_Access__c" => number.even?,
    "Number_of_Students__c" => number % 300, "LeadSource" => "Web", "Title_1_school__c" => false,
    "CreatedDate" => "2022-02-15T06:21:19.000+0000", "SystemModstamp" => "2023-05-31T21:22:28.000+0000"
  }
end
account = { "Id" => "001000000000001AAA", "Name" => "A College", "School_Location__c" => "Domestic",
            "K_I_P__c" => false, "child_of_kip__c" => false }

CrmSync::Testing::Salesforce.start(records: { "Contact" => contacts, "Lead" => [], "Account" => [account] },
                                   latency_ms:) do |salesforce|
  contacts.clear
  puts salesforce.url
  $stdout.flush
  $stdin.read
end
