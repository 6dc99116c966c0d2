# frozen_string_literal: true

require_relative "salesforce/client"
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

    # @param text [Object] a stored or remote id
    # @return [Boolean] whether it is a name of a field or object that may stand in a query
    # @api private
    def self.name?(text)
      text.is_a?(String) && text.match?(/\A[A-Za-z]\w*\z/)
    end

    # @param given [Object]
    # @return [String] the message that it is not a field, with what to do
    # @api private
    def self.no_field(given)
      no_name(given).sub(/ is not a name of Salesforce's/, " is not a field")
    end

    # @param given [Object]
    # @return [String] the message that it is neither a field nor an object, with what to do
    # @api private
    def self.no_name(given)
      mend = given.is_a?(Symbol) ? "write #{given.to_s.inspect}" : "write its API name as text, such as \"Status__c\""
      "#{given.inspect} is not a name of Salesforce's; #{mend}"
    end

    # @param text [Object]
    # @return [Boolean] whether it is a field, also of a parent: +Account.Name+
    # @api private
    def self.path?(text)
      text.is_a?(String) && text.split(".", -1).all? { |part| name?(part) }
    end

    # @param path [String] of a field, such as +Account.Owner.Name+
    # @return [Array<String>] the paths of the parents on the way to it: +Account+, +Account.Owner+
    # @api private
    def self.parents(path)
      *names, _field = path.split(".")
      names.each_index.map { |last| names[0..last].join(".") }
    end

    # @param parent [String] the path of a parent
    # @return [String] the field that names it: AccountId for Account, Owner__c for Owner__r
    # @api private
    def self.reference(parent)
      parent.end_with?("__r") ? "#{parent.delete_suffix("__r")}__c" : "#{parent}Id"
    end
  end
end
