# frozen_string_literal: true

require "logger"
require "active_record"
require "active_support"
require "active_support/core_ext/module/delegation"
require "active_support/core_ext/object/blank"
require "active_support/core_ext/string/inflections"

require_relative "crm_sync/version"
require_relative "crm_sync/errors"
require_relative "crm_sync/native"
require_relative "crm_sync/log"
require_relative "crm_sync/configuration"
require_relative "crm_sync/salesforce"
require_relative "crm_sync/email"
require_relative "crm_sync/email_index"
require_relative "crm_sync/contact_sync"
require_relative "crm_sync/railtie" if defined?(Rails::Railtie)

# Keeps an app's database in agreement with Salesforce: reads both sides, decides, shows the plan, applies it, and
# accounts for every row.
module CrmSync
  autoload :StateRow, "crm_sync/state_row"
  autoload :OutboxRow, "crm_sync/outbox_row"

  class << self
    # Sets hosts, credentials and limits; each can also come from the environment (see {Configuration}).
    #
    # @yieldparam configuration [CrmSync::Configuration]
    # @return [void]
    # @example
    #   CrmSync.configure do |config|
    #     config.salesforce.host = "example.my.salesforce.com"
    #     config.salesforce.client_id = Rails.application.credentials.salesforce[:id]
    #     config.salesforce.client_secret = Rails.application.credentials.salesforce[:secret]
    #   end
    def configure
      yield configuration
    end

    # @return [CrmSync::Configuration] what is configured
    # @example
    #   CrmSync.configuration.salesforce.host # => "example.my.salesforce.com"
    def configuration
      @configuration ||= Configuration.new
    end

    # @return [Logger] where log lines go: the configured logger, else Rails', else nowhere
    # @example
    #   CrmSync.logger.info("about to sync")
    def logger
      configuration.logger || (if defined?(Rails) && Rails.respond_to?(:logger)
                                 Rails.logger
                               end) || (@null ||= Logger.new(nil))
    end
  end
end
