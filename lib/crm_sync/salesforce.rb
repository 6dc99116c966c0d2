# frozen_string_literal: true

module CrmSync
  # Salesforce, as the syncs see it.
  module Salesforce
    class << self
      # Where all orgs lead while a simulator runs.
      # @api private
      # @return [CrmSync::Configuration::SalesforceSettings, nil]
      attr_accessor :redirect

      # The settings of an org, or those of the simulator that takes its place.
      # @api private
      def settings(name = :default)
        redirect || CrmSync.configuration.salesforce(name)
      end
    end

    # @param text [Object] a stored or remote id
    # @return [Boolean] whether it is a name of a field or object that may stand in a query
    # @api private
    def self.name?(text)
      text.is_a?(String) && text.match?(/\A[A-Za-z]\w*\z/)
    end

    # @param text [Object]
    # @return [Boolean] whether it is a field, also of a parent: +Account.Name+
    # @api private
    def self.path?(text)
      text.is_a?(String) && text.split(".", -1).all? { |part| name?(part) }
    end
  end
end
