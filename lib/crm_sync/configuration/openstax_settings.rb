# frozen_string_literal: true

module CrmSync
  class Configuration
    # Reads the settings that an app has made for the gem openstax_salesforce.
    module OpenstaxSettings
      # Our settings, by the names that they have there.
      NAMES = { host: :login_domain, client_id: :consumer_key, client_secret: :consumer_secret }.freeze

      class << self
        # @return [Boolean] whether the gem is loaded
        def there?
          defined?(::OpenStax::Salesforce.configuration) ? true : false
        end

        # @param setting [Symbol] one of ours
        # @return [String, nil] its value; nil where the gem has none, also because it is of another version, or is not
        #   there any more
        def value(setting)
          return unless there?

          configuration = ::OpenStax::Salesforce.configuration
          name = NAMES.fetch(setting)
          configuration.public_send(name) if configuration.respond_to?(name)
        end

        # @param setting [Symbol] one of ours
        # @return [String] the way to set it, for a message
        def place(setting)
          "set #{NAMES.fetch(setting)} in OpenStax::Salesforce.configure, or #{setting} in CrmSync.configure"
        end
      end
    end
    private_constant :OpenstaxSettings
  end
end
