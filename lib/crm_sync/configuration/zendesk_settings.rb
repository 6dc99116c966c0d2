# frozen_string_literal: true

require_relative "settings"
require_relative "zendesk_check"

module CrmSync
  class Configuration
    # Holds the settings of a Zendesk account. Each setting can also come from the environment: +host+ from
    # +CRM_SYNC_ZENDESK_HOST+, the host of the instance +:usgov+ from +CRM_SYNC_ZENDESK_USGOV_HOST+, and so on.
    #
    # The way to sign in follows from the settings that have a value: +client_id+ and +client_secret+, or +token+, or
    # +email+ and +api_token+.
    class ZendeskSettings < Settings
      DEFAULTS = {
        host: nil, client_id: nil, client_secret: nil, token: nil, email: nil, api_token: nil, share: 0.5,
        requests_per_minute: nil, jobs: 30, job_patience: 300.0, open_timeout: 10.0, read_timeout: 60.0,
        deadline: 1800.0, attempts: 5, retry_delay: 0.5, concurrency: 16, max_page_bytes: 64 * 1024 * 1024,
        max_rows: 10_000_000, ca_file: nil
      }.freeze
      KINDS = { **DEFAULTS, requests_per_minute: 0, second: 1.0 }.freeze
      private_constant :DEFAULTS, :KINDS

      # @!attribute host
      #   @return [String] the account's host, such as +"example.zendesk.com"+
      # @!attribute client_id
      #   @return [String, nil] the unique identifier of a confidential OAuth client
      # @!attribute client_secret
      #   @return [String, nil] the secret of this client. The sync acts as the user who created the client; its access
      #     tokens are renewed when they expire
      # @!attribute token
      #   @return [String, nil] an OAuth access token that the app has obtained itself; it is not renewed
      # @!attribute email
      #   @return [String, nil] the e-mail address of the user whose API token is used
      # @!attribute api_token
      #   @return [String, nil] an API token. Zendesk ends all of them on 2027-04-30
      # @!attribute share
      #   @return [Float] the share of the account's requests per minute that this gem may use: 0.5 is half of them
      # @!attribute requests_per_minute
      #   @return [Integer, nil] the number of requests per minute that this gem may use, instead of a share
      # @!attribute jobs
      #   @return [Integer] the maximum number of jobs of this gem that are queued or running at once, from 1 to 30
      # @!attribute job_patience
      #   @return [Float] the time after which a job is given up, in seconds
      # @!attribute open_timeout
      #   @return [Float] the maximum time to open a connection, in seconds
      # @!attribute read_timeout
      #   @return [Float] the maximum time to wait for more bytes of a response, in seconds
      # @!attribute deadline
      #   @return [Float] the maximum time for a whole list with all its pages and attempts, or for everything that one
      #     call writes, in seconds
      # @!attribute attempts
      #   @return [Integer] the maximum number of attempts of a request that fails for a reason that may be temporary
      # @!attribute retry_delay
      #   @return [Float] the pause before the second attempt, in seconds; it doubles with each further attempt
      # @!attribute concurrency
      #   @return [Integer] the maximum number of concurrent requests
      # @!attribute max_page_bytes
      #   @return [Integer] the maximum size of a response, in bytes after decompression. All responses that are in
      #     memory at once may have four times as many bytes, and so may the text that a sync keeps of its rows, in
      #     addition to 512 bytes for each row
      # @!attribute max_rows
      #   @return [Integer] the maximum number of organizations in a list
      # @!attribute ca_file
      #   @return [String, nil] the path of a PEM file with root certificates that are trusted in addition to the usual
      #     ones
      DEFAULTS.each_key { |setting| attr_accessor setting }

      # @api private
      # @param second [Float] the number of real seconds in a second of the account: less than 1 if the clock of a
      #   simulator runs fast
      def initialize(name, second: 1.0, **values)
        super(name, **values)
        @second = second
      end

      private

      def defaults
        DEFAULTS
      end

      def kinds
        KINDS
      end

      def service
        "Zendesk"
      end

      def plain
        { **super, second: @second }
      end

      def check_class
        ZendeskCheck
      end

      def build(values)
        Native::Zendesk.new(values)
      end
    end
  end
end
