# frozen_string_literal: true

require_relative ""
require_relative "testing/salesforce"
require_relative "testing/zendesk"

module CrmSync
  # Simulators for specs, demos and benchmarks: real HTTP on loopback, no stubs.
  #
  # @example in spec/rails_helper.rb
  #   require "crm_sync/testing"
  module Testing
    Native.load_library("crm_sync_testing") # defines its classes in this module's own Native
    private_constant :Native

    Confidential.cover
  end
end
