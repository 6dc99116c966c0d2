# frozen_string_literal: true

require "monitor"
require_relative "configuration/salesforce_settings"
require_relative "configuration/zendesk_settings"
require_relative "notices/confidential"
require_relative "store/utf8"

module CrmSync
  # Holds the hosts, credentials, limits and the logger. See {SalesforceSettings} for the settings of an org and
  # {ZendeskSettings} for those of a Zendesk account.
  class Configuration
    include Confidential

    # The minimum number of characters in a secret; a shorter secret can be guessed.
    SHORTEST_SECRET = 16
    private_constant :SHORTEST_SECRET

    # @return [Logger, nil] the logger that is used; +nil+ means +Rails.logger+
    attr_reader :logger

    # @return [String, nil] the folder in which a private folder named +crm_sync+ is created, for the state that is kept
    #   between runs. +nil+ means the +tmp+ folder of the Rails app, or +$XDG_STATE_HOME+ (+~/.local/state+ if that is
    #   not set) where there is no Rails app. An existing folder of that name is refused unless it is private to the
    #   user of the process
    attr_accessor :state_dir

    # @return [Integer] the number of days for which the history is kept
    attr_reader :history_days

    # @return [String, Array<String>, nil] the secret that signs saved plans. In an array, the first secret signs, and a
    #   plan that was signed with any of them is accepted, so that the secret can be replaced while saved plans wait.
    #   +nil+ means a secret derived from Rails' +secret_key_base+; without either, saved plans have a digest but no
    #   signature
    # @example A new secret, with the old one until the plans that it signed have expired
    #   CrmSync.configure do |config|
    #     config.plan_secret = Rails.application.credentials.crm_sync.values_at(:plan_secret, :old_plan_secret)
    #   end
    attr_reader :plan_secret

    def initialize
      self.plan_secret = Utf8.variable("CRM_SYNC_PLAN_SECRET")&.split(",")&.map(&:strip)
      @state_dir = Utf8.variable("CRM_SYNC_STATE_DIR")
      self.history_days = Utf8.variable("CRM_SYNC_HISTORY_DAYS") || 90
      @monitor = Monitor.new
      @salesforce = {}
      @zendesk = {}
    end

    # @param logger [Logger, nil]
    # @raise [CrmSync::ConfigurationError] when the object does not have the methods of a Logger
    def logger=(logger)
      asked = %i[debug info warn error].flat_map { |level| [level, :"#{level}?"] }
      right = logger.nil? || asked.all? { |name| logger.respond_to?(name) }
      raise ConfigurationError, "logger must be a Logger, such as Logger.new($stdout)" unless right

      @logger = logger
    end

    # @param secret [String, Array<String>, nil]
    # @raise [CrmSync::ConfigurationError] when the secret, or one of the array, is too short or is not text
    def plan_secret=(secret)
      unless secret.nil? || secrets?(Array(secret))
        raise ConfigurationError, "plan_secret must be text of #{SHORTEST_SECRET} characters or more, such as " \
                                  "SecureRandom.hex gives, or a list of such, of which the first one signs; set it " \
                                  "in CrmSync.configure or, separated by commas, as CRM_SYNC_PLAN_SECRET"
      end

      @plan_secret = secret.dup.freeze
    end

    # @param days [Integer]
    # @raise [CrmSync::ConfigurationError] when the value is not an Integer of 1 or more
    def history_days=(days)
      number = Integer(days)
      raise ArgumentError unless number.positive?

      @history_days = number
    rescue ArgumentError, TypeError
      raise ConfigurationError, "history_days must be a number of days, 1 or more; set it in CrmSync.configure or as " \
                                "CRM_SYNC_HISTORY_DAYS", cause: nil
    end

    # Returns the settings of a Salesforce org.
    #
    # @param name [Symbol] the name of the org, if several are configured
    # @return [CrmSync::Configuration::SalesforceSettings]
    # @example
    #   CrmSync.configure { |config| config.salesforce(:marketing).host = "example--marketing.my.salesforce.com" }
    def salesforce(name = :default)
      settings(@salesforce, SalesforceSettings, name.to_sym)
    end

    # Returns the settings of a Zendesk instance.
    #
    # @param name [Symbol] the name of the instance, if several are configured
    # @return [CrmSync::Configuration::ZendeskSettings]
    # @example
    #   CrmSync.configure { |config| config.zendesk(:usgov).host = "example-usgov.zendesk.com" }
    def zendesk(name = :default)
      settings(@zendesk, ZendeskSettings, name.to_sym)
    end

    # @return [String] without secrets
    def inspect
      "#<#{self.class.name} salesforce: #{@salesforce.values.inspect}, zendesk: #{@zendesk.values.inspect}>"
    end

    # Returns the settings for Rails' JSON serialization.
    # @return [Hash{String => Object}] without secrets
    def as_json(*)
      { "salesforce" => @salesforce, "zendesk" => @zendesk }.transform_values do |named|
        named.to_a.to_h { |name, settings| [name.to_s, settings.as_json] }
      end
    end

    private

    # Returns the same settings to all threads, because they hold the session and the limits.
    def settings(known, kind, name)
      @monitor.synchronize { known[name] ||= kind.new(name) }
    end

    def secrets?(list)
      list.any? && list.all? { |secret| secret.is_a?(String) && secret.size >= SHORTEST_SECRET }
    end

    def instead
      "configure each process"
    end

    Confidential.cover
  end
end
