# frozen_string_literal: true

require_relative "directions/directions"
require_relative "directions/rust_imports"

# For each folder of src/ those that it may name: rows <- compare <- contacts | organizations, and
# rows <- http <- salesforce | zendesk. No decision names a service, and no service a decision; only what reads stands
# on both.
CORE_DIRECTIONS = {
  "redact" => [],
  "events" => [],
  "error" => %w[redact],
  "engine" => %w[error],

  "rows" => %w[error],
  "compare" => %w[rows error],
  "contacts" => %w[compare rows error],
  "organizations" => %w[compare rows error],

  "http" => %w[rows error],
  "salesforce" => %w[http rows engine error redact],
  "zendesk" => %w[http rows engine error redact],

  "reading" => %w[contacts organizations compare salesforce zendesk http rows engine error],
  "lib" => []
}.freeze

desc "Which folder may name which, and that no files name each other in a circle"
task :directions do
  step "directions" do
    complaints = Directions.new(RustImports.new("src").to_h, CORE_DIRECTIONS).complaints
    raise ["in src/:", *complaints].join("\n") if complaints.any?
  end
end

task lint: :directions
