# frozen_string_literal: true

require_relative "salesforce/api_name"
require_relative "salesforce/client"
require_relative "salesforce/field"
require_relative "salesforce/record_id"
require_relative "salesforce/row_result"
require_relative "salesforce/session_file"
require_relative "salesforce/session_memory"
require_relative "salesforce/sessions"
require_relative "salesforce/sight"
require_relative "salesforce/soql"
require_relative "salesforce/soql/condition"

module CrmSync
  # Salesforce, as the syncs see it.
  module Salesforce
    # Not loaded by every app: sessions in a cache need more of ActiveSupport.
    autoload :SessionCache, "crm_sync/salesforce/session_cache"

    # The settings of an org, or those of the simulator that takes its place.
    # @api private
    def self.settings(name = :default)
      CrmSync.redirect.settings("Salesforce", name.to_sym) || CrmSync.configuration.salesforce(name)
    end

    # A client for an org, for the console and for what the syncs do not do.
    #
    # @param name [Symbol] the name of the org, where several are configured
    # @return [CrmSync::Salesforce::Client]
    # @raise [CrmSync::ConfigurationError] on first use, when a setting is missing or cannot be right
    # @example
    #   CrmSync::Salesforce.client.query("SELECT Id, Email FROM Contact").first(10)
    def self.client(name = :default)
      Client.new(name)
    end
  end
end
