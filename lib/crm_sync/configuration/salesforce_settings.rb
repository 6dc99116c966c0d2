# frozen_string_literal: true

module CrmSync
  class Configuration
    # How to reach a Salesforce org. Every setting also comes from the environment: +host+ from
    # +CRM_SYNC_SALESFORCE_HOST+, that of the org +:marketing+ from +CRM_SYNC_SALESFORCE_MARKETING_HOST+, and so on.
    class SalesforceSettings
      DEFAULTS = {
        host: nil, client_id: nil, client_secret: nil, api_version: "66.0",
        open_timeout: 10.0, read_timeout: 60.0, deadline: 900.0, attempts: 5, retry_delay: 0.5,
        max_page_bytes: 64 * 1024 * 1024, max_rows: 10_000_000
      }.freeze
      private_constant :DEFAULTS

      # @!attribute host
      #   @return [String] the org's My Domain, such as +"example.my.salesforce.com"+
      # @!attribute client_id
      #   @return [String] the connected app's consumer key
      # @!attribute client_secret
      #   @return [String] the connected app's consumer secret
      # @!attribute api_version
      #   @return [String] the version of the REST API, such as +"66.0"+
      # @!attribute open_timeout
      #   @return [Float] for opening a connection, in seconds
      # @!attribute read_timeout
      #   @return [Float] for silence in the middle of an answer, in seconds
      # @!attribute deadline
      #   @return [Float] for a whole query with all its pages and tries, in seconds
      # @!attribute attempts
      #   @return [Integer] how often a request is tried that fails in a way that may pass
      # @!attribute retry_delay
      #   @return [Float] the pause before the second try, in seconds; it doubles from there on
      # @!attribute max_page_bytes
      #   @return [Integer] the largest answer, in bytes after unpacking
      # @!attribute max_rows
      #   @return [Integer] the most rows that one query may give
      DEFAULTS.each_key { |setting| attr_accessor setting }

      # @api private
      def initialize(name, **values)
        @name = name
        DEFAULTS.each do |setting, default|
          value = values.fetch(setting) { from_environment(setting, default) }
          public_send("#{setting}=", value)
        end
      end

      # The native client for these settings; the same one as long as they stay the same.
      #
      # @api private
      # @raise [CrmSync::ConfigurationError] when a setting is missing or cannot be right
      def native
        values = DEFAULTS.keys.to_h { |setting| [setting, public_send(setting)] }
        made, native = @native
        return native if made == values

        @native = [values, Native::Salesforce.new(checked(values))].freeze
        @native.last
      end

      # @return [String] without secrets
      def inspect
        "#<#{self.class.name} #{@name} host: #{host.inspect}, api_version: #{api_version.inspect}>"
      end

      # @api private
      def marshal_dump
        raise TypeError, "Salesforce settings hold a secret and cannot be dumped"
      end

      # What YAML may have.
      # For JSON, as Rails makes it.
      # @api private
      def as_json(*)
        { "host" => host }
      end

      # For YAML.
      # @api private
      def encode_with(coder)
        coder["host"] = host
      end

      private

      def from_environment(setting, default)
        text = ENV[variable(setting)].presence or return default
        case default
        when Float then Float(text)
        when Integer then Integer(text)
        else text
        end
      rescue ArgumentError
        raise ConfigurationError, "#{variable(setting)} is no number"
      end

      def variable(setting)
        ["CRM_SYNC_SALESFORCE", (@name unless @name == :default), setting].compact.join("_").upcase
      end

      def checked(values)
        missing = %i[host client_id client_secret api_version].find { |setting| values[setting].blank? }
        return numbers(values) unless missing

        raise ConfigurationError,
              "salesforce.#{missing} is not set; set it in CrmSync.configure or as #{variable(missing)}"
      end

      def numbers(values)
        values.to_h do |setting, value|
          case DEFAULTS[setting]
          when Float, Integer then [setting, positive(setting, value)]
          else [setting, value.to_s]
          end
        end
      end

      def positive(setting, value)
        number = DEFAULTS[setting].is_a?(Float) ? Float(value) : Integer(value)
        return number if number.positive?

        raise ArgumentError
      rescue ArgumentError, TypeError
        raise ConfigurationError, "salesforce.#{setting} must be a number above 0"
      end
    end
  end
end
