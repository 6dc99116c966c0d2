# frozen_string_literal: true

# The stage `compare` of an organization sync, for the files that
# `cargo run --release --example organizations make FOLDER` writes; prints seconds and peak memory in KiB.

started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
$LOAD_PATH.unshift(File.expand_path("../lib", __dir__))
require "crm_sync"

folder = ARGV.fetch(0)
CrmSync.configure do |config|
  config.state_dir = File.join(folder, "state")
  config.salesforce.host = "example.my.salesforce.com"
  config.zendesk.host = "example.zendesk.com"
end

# The sync that does the work of the plain script.
class PartnerSync < CrmSync::OrganizationSync
  accounts "Account", key: "Account_ID_18__c"
  organizations key: :salesforce_id, managed: { account_type: %w[open_partner select_partner] }

  attribute :name, from: "Name"
  field :salesforce_id, from: "Account_ID_18__c"
  field :sfdc_short_id, from: "Account_ID_18__c", as: :salesforce_id15
  field :account_owner, from: "Account_Owner_Calc__c"
  field :technical_account_manager, from: "Technical_Account_Manager_Name__c"
  field :solutions_architect, from: "Solutions_Architect_Lookup__r.Name"
  field :support_hold, from: "Support_Hold__c"
  field :restricted_account, from: "Restricted_Account__c", equals: "Restricted Party"
  field :org_in_escalated_state, from: "Account_Risk_Level__c", equals: "At Risk - Escalated"
  field :account_type, first_of: { { "Partner_Track__c" => "Open" } => "open_partner",
                                   { "Partner_Track__c" => "Select" } => "select_partner" }
  mark :mark_for_deletion
end

# The fields that the gathering stages know.
boxes = %w[support_hold restricted_account org_in_escalated_state mark_for_deletion]
types = PartnerSync.declaration.targets.map(&:to_s).to_h { |key| [key, boxes.include?(key) ? "checkbox" : "text"] }
options = %w[open_partner select_partner].map { |value| { value:, name: value } }
fields = types.merge("account_type" => "dropdown").map { |key, type| { key:, type:, active: true, options: } }
rows = Integer(ARGV.fetch(1))
files = CrmSync.const_get(:Internal)::StagesFolder
gathered = files.new(folder)
accounts, organizations = JSON.parse(ARGV.fetch(2))
{ files::GATHERED_ACCOUNTS => { sha256: accounts },
  files::GATHERED_ORGANIZATIONS => { sha256: organizations, organization_fields: fields } }.each do |name, more|
  facts = { host: "example", rows:, at: Time.now.utc.iso8601, **more }
  gathered.write_gathered(name, JSON.parse(JSON.generate(facts)))
end

loaded = Process.clock_gettime(Process::CLOCK_MONOTONIC)
plan = PartnerSync.compare(dir: folder)
ended = Process.clock_gettime(Process::CLOCK_MONOTONIC)
peak = File.read("/proc/self/status")[/VmHWM:\s+(\d+)/, 1].to_i
counts = plan.summary[:changes]
puts JSON.generate(wall: ended - started, stage: ended - loaded, peak:, creates: counts[:create],
                   updates: counts[:update], marks: counts[:mark])
