# frozen_string_literal: true

module CrmSync
  class Configuration
    # Reads the settings that an app has made for the gem openstax_salesforce.
    module OpenstaxSettings
      # The names that our settings have in that gem.
      NAMES = { host: :login_domain, client_id: :consumer_key, client_secret: :consumer_secret }.freeze

      class << self
        # @return [Boolean] whether the gem is loaded
        def there?
          defined?(::OpenStax::Salesforce.configuration) ? true : false
        end

        # @param setting [Symbol] the name of one of our settings
        # @return [String, nil] its value; nil if the gem has none, is a version without this setting, or is no longer
        #   loaded
        def value(setting)
          return unless there?

          configuration = ::OpenStax::Salesforce.configuration
          name = NAMES.fetch(setting)
          configuration.public_send(name) if configuration.respond_to?(name)
        end

        # @param setting [Symbol] the name of one of our settings
        # @return [String] for a message, a text that says how to set it
        def place(setting)
          "set #{NAMES.fetch(setting)} in OpenStax::Salesforce.configure, or #{setting} in CrmSync.configure"
        end
      end
    end
    private_constant :OpenstaxSettings
  end
end
