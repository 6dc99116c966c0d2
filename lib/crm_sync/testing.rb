# frozen_string_literal: true

require_relative ""
CrmSync::Native.load_library("crm_sync_testing")
require_relative "testing/salesforce"
require_relative "testing/zendesk"

module CrmSync
  # Simulators for specs, demos and benchmarks: real HTTP on loopback, no stubs.
  #
  # @example in spec/rails_helper.rb
  #   require "crm_sync/testing"
  module Testing
    # @api private
    # @raise [CrmSync::ConfigurationError] in a production environment
    def self.refuse_production!
      environments = [ENV.fetch("RAILS_ENV", nil), ENV.fetch("RACK_ENV", nil),
                      (Rails.env if defined?(Rails) && Rails.respond_to?(:env))]
      return unless environments.include?("production")

      raise ConfigurationError, "crm_sync's simulators do not start in production"
    end
  end
end

CrmSync::Confidential.cover
