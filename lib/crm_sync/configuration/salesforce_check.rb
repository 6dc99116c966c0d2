# frozen_string_literal: true

module CrmSync
  class Configuration
    # Looks at the settings of an org before anything is done with them. No message holds what was set: it may be a
    # secret in the wrong place.
    # @api private
    class SalesforceCheck
      # What each way to sign in needs.
      GRANTS = {
        "client_credentials" => %i[client_id client_secret],
        "jwt_bearer" => %i[client_id username private_key],
        "refresh_token" => %i[client_id refresh_token],
        "password" => %i[client_id client_secret username password]
      }.freeze
      # Versions before the first are retired, versions before the second will be.
      VERSIONS = [31, 41].freeze
      # Settings that are a share: from 0 to less than 1.
      SHARES = %i[quota_reserve].freeze
      PASSWORD = "Salesforce blocks the grant password by default in newer orgs, and does not support it in External " \
                 "Client Apps (new Connected Apps cannot be created since Spring '26); move to client_credentials or " \
                 "jwt_bearer"
      private_constant :GRANTS, :VERSIONS, :SHARES, :PASSWORD

      # @param values [Hash{Symbol => Object}]
      # @param defaults [Hash{Symbol => Object}] which also say what is a number
      # @param variable [Proc] names the environment variable of a setting
      def initialize(values, defaults, variable)
        @values = values
        @defaults = defaults
        @variable = variable
      end

      # @return [Hash{Symbol => String, Integer, Float}] what is not set is an empty String
      # @raise [CrmSync::ConfigurationError] when a setting is missing or cannot be right
      def values
        needed = GRANTS.fetch(@values[:grant].to_s) do
          raise ConfigurationError, "salesforce.grant must be one of #{GRANTS.keys.join(", ")}"
        end
        [:host, *needed, :api_version].each { |setting| present(setting) }
        check_version
        @values.to_h { |setting, value| [setting, cast(setting, value)] }
      end

      # @return [Array<String>] what will not work for ever
      def warnings
        retiring = "version #{@values[:api_version]} of the API retires in Summer '28; set salesforce.api_version"
        [(PASSWORD if @values[:grant].to_s == "password"), (retiring if version < VERSIONS.last)].compact
      end

      private

      def present(setting)
        return if @values[setting].present?

        raise ConfigurationError,
              "salesforce.#{setting} is not set; set it in CrmSync.configure or as #{@variable.call(setting)}"
      end

      def check_version
        unless @values[:api_version].to_s.match?(/\A\d{1,3}\.0\z/)
          raise ConfigurationError, 'salesforce.api_version must be like "66.0"'
        end
        return if version >= VERSIONS.first

        raise ConfigurationError, "salesforce.api_version: Salesforce has retired the versions before " \
                                  "#{VERSIONS.first}.0; leave it out, or set a newer one"
      end

      def version
        @values[:api_version].to_i
      end

      def cast(setting, value)
        return share(setting, value) if SHARES.include?(setting)
        # An environment variable often cannot hold line ends; PEM has no other use for a backslash.
        return value.to_s.gsub('\n', "\n") if setting == :private_key

        case @defaults[setting]
        when Float, Integer then positive(setting, value)
        else value.to_s
        end
      end

      def positive(setting, value)
        number(setting, value, "a number above 0", &:positive?)
      end

      def share(setting, value)
        number(setting, value, "a number from 0 to less than 1") { |number| number >= 0 && number < 1 }
      end

      def number(setting, value, what)
        number = @defaults[setting].is_a?(Float) ? Float(value) : Integer(value)
        return number if yield number

        raise ArgumentError
      rescue ArgumentError, TypeError, FloatDomainError
        raise ConfigurationError, "salesforce.#{setting} must be #{what}"
      end
    end
  end
end
