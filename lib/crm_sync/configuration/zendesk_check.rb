# frozen_string_literal: true

require_relative "check"

module CrmSync
  class Configuration
    # Checks the settings of a Zendesk instance.
    class ZendeskCheck < Check
      # The settings that each way to sign in needs.
      CREDENTIALS = {
        "client_credentials" => %i[client_id client_secret], "token" => %i[token], "api_token" => %i[email api_token]
      }.freeze
      # The permitted values of +jobs+: Zendesk allows an account 30 jobs.
      JOBS = (1..30)
      API_TOKEN = "Zendesk switches off API tokens that are not used for 30 days, and all of them on 2027-04-30; " \
                  "client credentials take their place: set zendesk.client_id and zendesk.client_secret"
      private_constant :CREDENTIALS, :JOBS, :API_TOKEN

      # @return [Hash{Symbol => String, Integer, Float, nil}] the checked settings. One that is not set is an empty
      #   String, or nil if it is a number. +credentials+ has the name of the way to sign in
      # @raise [CrmSync::ConfigurationError] when a setting is missing or invalid
      def values
        raise ConfigurationError, [*missing(:host), none].join("\n") if begun.empty?

        present(:host)
        { **@values.to_h { |setting, value| [setting, cast(setting, value)] }, credentials: }.tap { check_host }
      end

      # @return [Array<String>] warnings about settings that will stop working in future
      def warnings
        credentials == "api_token" ? [API_TOKEN] : []
      end

      private

      def service
        "zendesk"
      end

      def check_host
        host("the account's host, such as example.zendesk.com") do |name|
          "is Zendesk's own host, and no account's" if %w[zendesk.com www.zendesk.com].include?(name)
        end
      end

      # Returns the name of the only way to sign in that has any of its settings.
      def credentials
        raise ConfigurationError, several(begun.values) if begun.size > 1

        way, needed = begun.first
        present(*needed)
        way
      end

      # Returns the ways to sign in that have a setting.
      def begun
        CREDENTIALS.select { |_, needed| given(needed).any? }
      end

      def given(settings)
        settings.select { |setting| @values[setting].present? }
      end

      def none
        blank = CREDENTIALS.values.flatten.select { |setting| overridden?(setting) }
        return missing(*blank).join("\n") if blank.any?

        wanted, *others = CREDENTIALS.values.map { |needed| needed.map { |setting| title(setting) }.join(" and ") }
        variables = CREDENTIALS.values.first.map(&@variable).join(" and ")
        "there are no credentials for Zendesk; set #{wanted} of a confidential OAuth client, in CrmSync.configure or " \
          "as #{variables}; or else #{others.join(", or ")}"
      end

      def several(ways)
        settings = ways.flat_map { |needed| given(needed) }
        names = settings.map { |setting| "#{title(setting)} (#{@variable.call(setting)})" }
        "#{names.join(" and ")} are set, which are different ways to sign in to Zendesk; leave only one of them"
      end

      def cast(setting, value)
        case setting
        when :share then number(setting, value, "a number above 0, at most 1") { |share| share.positive? && share <= 1 }
        when :jobs then number(setting, value, "a number from #{JOBS.min} to #{JOBS.max}") { |jobs| JOBS.cover?(jobs) }
        when :requests_per_minute then value.to_s.empty? ? nil : super
        else super
        end
      end
    end
    private_constant :ZendeskCheck
  end
end
