# frozen_string_literal: true

require "spec_helper"
require_relative "support/child_process"
require_relative "../ext/native_library"

# The simulators are a library of their own, so that no process in production carries them.
RSpec.describe "crm_sync/testing" do
  # What a process with these files has of both native libraries.
  def loaded(*features)
    code = <<~RUBY
      files = $LOADED_FEATURES.map { |path| File.basename(path, ".*") }
      natives = [CrmSync, *(CrmSync::Testing if defined?(CrmSync::Testing))].map { |place| place.const_get(:Native) }
      puts files.grep(/\\Acrm_sync_/).sort, natives.flat_map(&:constants).grep(/Simulator/).sort
    RUBY
    requires = features.map { |name| "-r#{name}" }
    result = run_command(RbConfig.ruby, "-I#{Leftovers::CHECKOUT}/lib", *requires, "-e", code)
    expect(result).to be_success, result.stderr
    result.stdout.lines(chomp: true)
  end

  def native_code(name)
    file = NativeLibrary.new(name).file
    File.binread($LOADED_FEATURES.find { |path| File.basename(path) == file })
  end

  it "brings the simulators, and crm_sync does not" do
    expect(loaded("crm_sync")).to eq(%w[crm_sync_native])
    expect(loaded("crm_sync/testing")).to eq(%w[crm_sync_native crm_sync_testing SalesforceSimulator ZendeskSimulator])
  end

  it "has them in a library of its own: nothing of them is in the one that crm_sync loads" do
    require "crm_sync/testing"
    expect(native_code("crm_sync_testing")).to include("SalesforceSimulator", "crm_sync_simulator")
      .and not_include("AddressIndex")
    expect(native_code("crm_sync_native")).to include("AddressIndex")
      .and not_include("Simulator", "crm_sync_simulator")
  end

  RSpec::Matchers.define_negated_matcher :not_include, :include
end
