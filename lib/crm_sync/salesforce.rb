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
  # Access to Salesforce: clients, and the settings of the orgs.
  module Salesforce
    # Loaded only by apps that use it, because sessions in a cache need more of ActiveSupport.
    autoload :SessionCache, "crm_sync/salesforce/session_cache"

    # Loads what is otherwise loaded on first use.
    # @api private
    def self.eager_load!
      SessionCache
    end

    # Returns the settings of an org, or those of the simulator that replaces it.
    # @api private
    def self.settings(name = :default)
      CrmSync.redirect.settings("Salesforce", name.to_sym) || CrmSync.configuration.salesforce(name)
    end

    # Returns a client for an org, for the console and for tasks that the syncs do not cover.
    #
    # @param name [Symbol] the name of the org, if several are configured
    # @return [CrmSync::Salesforce::Client]
    # @raise [CrmSync::ConfigurationError] on first use, when a setting is missing or invalid
    # @example
    #   CrmSync::Salesforce.client.query("SELECT Id, Email FROM Contact").first(10)
    def self.client(name = :default)
      Client.new(name)
    end

    Confidential.cover
  end
end
