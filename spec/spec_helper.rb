# frozen_string_literal: true

require "pp" # Kernel#pretty_inspect comes with it only
require "timeout"

RSpec.configure do |config|
  config.disable_monkey_patching!
  config.raise_errors_for_deprecations!
  config.expect_with(:rspec) { |expectations| expectations.include_chain_clauses_in_custom_matcher_descriptions = true }
  config.mock_with(:rspec) { |mocks| mocks.verify_partial_doubles = true }
  config.define_derived_metadata { |metadata| metadata[:aggregate_failures] = true }

  config.order = :random
  Kernel.srand config.seed

  if ENV.key?("CI")
    config.before(:example, :focus) { raise "a focused example was committed" }
  else
    config.filter_run_when_matching :focus
  end

  # A net, not a measure: whatever hangs fails by name instead of holding up everybody.
  config.around do |example|
    limit = example.metadata.fetch(:timeout, 120)
    Timeout.timeout(limit, nil, "the example was not done after #{limit} s") { example.run }
  end
end

require_relative "support/internals"
require_relative "support/leftovers"

# All that is included into every group is loaded before the first one: what comes later would stand before the `let`s
# of a group that is there already, so that it depended on the order of the files whose method is called.
%w[budget_counts child_process databases factories moments native_child org_reading scratch simulated].each do |helper|
  require_relative "support/#{helper}"
end
