# frozen_string_literal: true

require_relative "zendesk/client"

module CrmSync
  # Zendesk, as the syncs see it.
  module Zendesk
    # The settings of an instance, or those of the simulator that takes its place.
    # @api private
    def self.settings(name = :default)
      CrmSync.redirect.settings("Zendesk", name.to_sym) || CrmSync.configuration.zendesk(name)
    end

    # A client for an account, for the console and for what the syncs do not do.
    #
    # @param name [Symbol] the name of the instance, where several are configured
    # @return [CrmSync::Zendesk::Client]
    # @raise [CrmSync::ConfigurationError] on first use, when a setting is missing or cannot be right
    # @example
    #   CrmSync::Zendesk.client.organizations.first(10)
    def self.client(name = :default)
      Client.new(name)
    end

    Confidential.cover
  end
end
