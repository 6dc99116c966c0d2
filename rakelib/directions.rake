# frozen_string_literal: true

require_relative "directions/directions"
require_relative "directions/ruby_constants"
require_relative "directions/rust_imports"

# Lists for each folder of src/ those that it may name: rows <- compare <- contacts | organizations, and
# rows <- http <- salesforce | zendesk. No decision names a service, and no service a decision; only what reads stands
# on both.
CORE_DIRECTIONS = {
  "redact" => [],
  "events" => [],
  "error" => %w[redact],
  "engine" => %w[error],
  "unkept" => [],
  "digest" => [],

  "rows" => %w[error],
  "compare" => %w[rows error],
  "decision" => %w[rows error],
  "contacts" => %w[compare decision rows error],
  "organizations" => %w[compare decision rows digest error unkept],

  "http" => %w[rows error],
  "salesforce" => %w[http rows engine error redact],
  "zendesk" => %w[http rows engine error redact],

  "reading" => %w[contacts organizations compare salesforce zendesk http rows digest engine error unkept],
  "lib" => []
}.freeze

# The same for lib/crm_sync/, from the bottom to the top: values and notices; store and clients;
# plan <- history <- sync <- contacts | organizations <- entry points. A file beside a folder of its name belongs to it.
LIB_DIRECTIONS = {
  "version" => [],
  "errors" => [],
  "internal" => [],
  "native" => %w[errors],
  "notices" => %w[errors store],
  "issue" => %w[notices],
  "ledger" => %w[errors notices],
  "refusal" => %w[notices],
  "change" => %w[notices],
  "past_change" => %w[change notices],
  "diff" => %w[notices],
  "run" => %w[ledger notices],
  "diagnosis" => %w[notices],
  "shadow_report" => %w[notices],
  "email" => %w[native],
  "email_index" => %w[native notices],
  "outbox_row" => %w[notices store],

  "store" => %w[errors notices],
  "store/outbox" => %w[errors issue native notices outbox_row run salesforce store],
  "salesforce" => %w[errors native notices store],
  "zendesk" => %w[errors native notices],
  "configuration" => %w[errors native notices salesforce store],

  "plan" => %w[errors issue ledger native notices refusal run store version],
  "history" => %w[change errors issue ledger notices past_change past_run plan store],
  "past_run" => %w[errors history notices past_change store],
  "sync" => %w[diagnosis errors history issue notices plan run salesforce shadow_report store],
  "contacts" => %w[change email errors history issue ledger native notices outbox_row plan run salesforce store
                   store/outbox sync],
  "organizations" => %w[change errors history issue ledger native notices plan run salesforce store sync zendesk],

  "comparison" => %w[diff errors native notices],
  "contact_sync" => %w[contacts notices store sync],
  "organization_sync" => %w[notices organizations sync],
  "testing" => %w[configuration errors native notices],
  "command_line" => %w[errors notices organization_sync organizations refusal store version zendesk],
  "railtie" => %w[notices]
}.freeze

desc "Which folder may name which, and that no files name each other in a circle"
task :directions do
  step "directions" do
    core = Directions.new(RustImports.new("src").to_h, CORE_DIRECTIONS).complaints
    lib = Directions.new(RubyConstants.new("lib/crm_sync", "CrmSync").to_h, LIB_DIRECTIONS, within: true).complaints
    complaints = { "src" => core, "lib/crm_sync" => lib }.reject { |_, found| found.empty? }
    raise complaints.flat_map { |folder, found| ["in #{folder}/:", *found] }.join("\n") if complaints.any?
  end
end

task lint: :directions
