# frozen_string_literal: true

require_relative "zendesk/client"

module CrmSync
  # Access to Zendesk: clients, and the settings of the instances.
  module Zendesk
    # Returns the settings of an instance, or those of the simulator that replaces it.
    # @api private
    def self.settings(name = :default)
      CrmSync.redirect.settings("Zendesk", name.to_sym) || CrmSync.configuration.zendesk(name)
    end

    # Returns a client for an instance, for the console and for tasks that the syncs do not cover.
    #
    # @param name [Symbol] the name of the instance, if several are configured
    # @return [CrmSync::Zendesk::Client]
    # @raise [CrmSync::ConfigurationError] on first use, when a setting is missing or invalid
    # @example
    #   CrmSync::Zendesk.client.organizations.first(10)
    def self.client(name = :default)
      Client.new(name)
    end

    Confidential.cover
  end
end
