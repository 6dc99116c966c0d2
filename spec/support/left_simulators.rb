# frozen_string_literal: true

# Fails the example that leaves a simulator running: it would take the place of the ones of those that follow.
RSpec.configure do |config|
  # The last of all hooks: the others stop what they started. Nothing is said where none runs; otherwise the settings
  # are given, or the error says which runs.
  config.append_after do
    left = CrmSync.redirect.settings("Salesforce", :default)
    raise "a simulator of Salesforce still runs: #{left.host}" if left
  end
end
