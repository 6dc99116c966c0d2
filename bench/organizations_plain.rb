# frozen_string_literal: true

# The compare of the organization sync as a plain script does it: JSON.parse, hashes, JSON.generate. For the files that
# `cargo run --release --example organizations make FOLDER` writes; prints seconds and peak memory in KiB.

require "json"

folder = ARGV.fetch(0)
TYPES = { "Open" => "open_partner", "Select" => "select_partner" }.freeze
started = Process.clock_gettime(Process::CLOCK_MONOTONIC)

def blank_to_nil(value)
  value.is_a?(String) && value.strip.empty? ? nil : value
end

def desired(account)
  id = account["Account_ID_18__c"]
  { "name" => account["Name"],
    "organization_fields" => {
      "salesforce_id" => id, "sfdc_short_id" => id[0, 15],
      "account_owner" => account["Account_Owner_Calc__c"],
      "technical_account_manager" => account["Technical_Account_Manager_Name__c"],
      "solutions_architect" => account.dig("Solutions_Architect_Lookup__r", "Name"),
      "support_hold" => account["Support_Hold__c"] || false,
      "restricted_account" => account["Restricted_Account__c"] == "Restricted Party",
      "org_in_escalated_state" => account["Account_Risk_Level__c"] == "At Risk - Escalated",
      "account_type" => TYPES[account["Partner_Track__c"]]
    } }
end

def differing(wanted, organization)
  change = {}
  change["name"] = wanted["name"] if wanted["name"] != organization["name"]
  fields = wanted["organization_fields"].reject do |key, value|
    actual = organization["organization_fields"][key]
    actual = false if actual.nil? && value == false
    blank_to_nil(value) == blank_to_nil(actual)
  end
  change["organization_fields"] = fields if fields.any?
  change
end

accounts = JSON.parse(File.read("#{folder}/salesforce_accounts.json")).to_h { |row| [row["Account_ID_18__c"], row] }
organizations = JSON.parse(File.read("#{folder}/zendesk_orgs.json"))
organizations = organizations.to_h { |row| [row["organization_fields"]["salesforce_id"], row] }

creates = accounts.reject { |id, _| organizations.key?(id) }.map { |_, account| desired(account) }
updates = accounts.filter_map do |id, account|
  organization = organizations[id] or next
  change = differing(desired(account), organization)
  change.merge("id" => organization["id"]) if change.any?
end
marks = organizations.reject { |id, _| accounts.key?(id) }.map do |_, organization|
  { "id" => organization["id"], "organization_fields" => { "mark_for_deletion" => true } }
end

{ "creates" => creates, "updates" => updates, "not_in_sync" => marks }.each do |name, rows|
  File.write("#{folder}/plain_#{name}.json", JSON.generate(rows))
end
wall = Process.clock_gettime(Process::CLOCK_MONOTONIC) - started
peak = File.read("/proc/self/status")[/VmHWM:\s+(\d+)/, 1].to_i
puts JSON.generate(wall:, peak:, creates: creates.size, updates: updates.size, marks: marks.size)
