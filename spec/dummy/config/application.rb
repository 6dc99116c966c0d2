# frozen_string_literal: true

require_relative "boot"
require "rails"
require "active_record/railtie"
require "active_job/railtie"
require "action_mailer/railtie"
require "crm_sync"
require_relative "../lib/openstax/rescue_from"

module Dummy
  # A host as small as one can be. It has no initializer for crm_sync: the gem reads CRM_SYNC_SALESFORCE_HOST,
  # CRM_SYNC_SALESFORCE_CLIENT_ID and CRM_SYNC_SALESFORCE_CLIENT_SECRET by itself.
  class Application < Rails::Application
    config.load_defaults Rails::VERSION::STRING.to_f
    config.root = File.expand_path("..", __dir__)
    config.eager_load = false
    config.cache_store = :null_store
    config.active_support.deprecation = :raise # what the next Rails has no more
    config.secret_key_base = "nothing here is secret"
    config.time_zone = "UTC"
    config.log_level = :info # as in production; a line for each statement would be a tenth of the suite's time

    # Specs run several of these at once from one checkout, so they keep what the app writes out of it.
    if (folder = ENV.fetch("DUMMY_FOLDER", nil))
      config.paths["log"] = File.join(folder, "log", "#{Rails.env}.log")
      config.paths["tmp"] = File.join(folder, "tmp")
    end

    # Mail goes out within the process, into files where another process is to read it.
    config.active_job.queue_adapter = :inline
    config.action_mailer.delivery_method = ENV.key?("MAIL_FOLDER") ? :file : :test
    config.action_mailer.file_settings = { location: ENV.fetch("MAIL_FOLDER", nil) }
    config.x.salesforce_mail_recipients = ["crm@example.org"]
  end
end
