# frozen_string_literal: true

require_relative "check"

module CrmSync
  class Configuration
    # Checks the settings of a Salesforce org.
    class SalesforceCheck < Check
      # The settings that each grant needs.
      GRANTS = {
        "client_credentials" => %i[client_id client_secret],
        "jwt_bearer" => %i[client_id username private_key],
        "refresh_token" => %i[client_id refresh_token],
        "password" => %i[client_id client_secret username password]
      }.freeze
      # The API versions before the first number are retired; those before the second number will be.
      VERSIONS = [31, 41].freeze
      # The first API version that accepts the header for duplicate rules.
      DUPLICATE_RULES = 52
      # The accepted spellings of a Boolean; the environment has only text.
      TRUTHS = { "true" => true, "false" => false }.freeze
      PASSWORD = "Salesforce blocks the grant password by default in newer orgs, and does not support it in External " \
                 "Client Apps (new Connected Apps cannot be created since Spring '26); move to client_credentials or " \
                 "jwt_bearer"
      # The login hosts for all orgs, and the hosts of Salesforce's web pages.
      LOGIN = %w[login.salesforce.com test.salesforce.com].freeze
      PAGES = /\.(?:lightning\.force|visual\.force|vf\.force|salesforce-setup)\.com\z/
      private_constant :GRANTS, :VERSIONS, :DUPLICATE_RULES, :TRUTHS, :PASSWORD, :LOGIN, :PAGES

      # @return [Hash{Symbol => String, Integer, Float, Boolean}] the checked settings; one that is not set is an empty
      #   String
      # @raise [CrmSync::ConfigurationError] when a setting is missing or invalid
      def values
        needed = GRANTS.fetch(@values[:grant].to_s) do
          raise ConfigurationError, "#{title(:grant)} must be one of #{GRANTS.keys.join(", ")}"
        end
        present(:host, *needed, :api_version)
        check_version
        @values.to_h { |setting, value| [setting, cast(setting, value)] }.tap do |values|
          check_host
          check_duplicate_rules(values)
        end
      end

      # @return [Array<String>] warnings about settings that will stop working in future
      def warnings
        retiring = "version #{@values[:api_version]} of the API retires in Summer '28; set #{title(:api_version)}"
        [(PASSWORD if @values[:grant].to_s == "password"), (retiring if version < VERSIONS.last)].compact
      end

      private

      def service
        "salesforce"
      end

      def check_host
        host("the org's My Domain, such as example.my.salesforce.com") do |name|
          if name.match?(PAGES) then "is where Salesforce's pages are, and not its API"
          elsif LOGIN.include?(name) && @values[:grant].to_s == "client_credentials"
            "is a login host, where the grant client_credentials does not work"
          end
        end
      end

      def check_version
        unless @values[:api_version].to_s.match?(/\A\d{1,3}\.0\z/)
          raise ConfigurationError, "#{title(:api_version)} must be like \"66.0\""
        end
        return if version >= VERSIONS.first

        raise ConfigurationError, "#{title(:api_version)}: Salesforce has retired the versions before " \
                                  "#{VERSIONS.first}.0; leave it out, or set a newer one"
      end

      def check_duplicate_rules(values)
        return if !values[:allow_duplicates] || version >= DUPLICATE_RULES

        raise ConfigurationError, "#{title(:allow_duplicates)} needs version #{DUPLICATE_RULES}.0 of the API or a " \
                                  "newer one; set #{title(:api_version)}"
      end

      def version
        @values[:api_version].to_i
      end

      def cast(setting, value)
        case setting
        when :quota_reserve then number(setting, value, "a number from 0 to less than 1") { (0...1).cover?(_1) }
        when :allow_duplicates then truth(setting, value)
        # An environment variable often cannot hold line breaks; PEM has no other use for a backslash.
        when :private_key then value.to_s.gsub('\n', "\n")
        else super
        end
      end

      def truth(setting, value)
        TRUTHS.fetch(value.to_s) do
          raise ConfigurationError, "#{title(setting)} must be true or false; #{place(setting)}"
        end
      end
    end
    private_constant :SalesforceCheck
  end
end
