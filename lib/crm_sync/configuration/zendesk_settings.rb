# frozen_string_literal: true

require_relative "settings"
require_relative "zendesk_check"

module CrmSync
  class Configuration
    # Settings of a Zendesk account. Every setting also comes from the environment: +host+ from
    # +CRM_SYNC_ZENDESK_HOST+, that of the instance +:usgov+ from +CRM_SYNC_ZENDESK_USGOV_HOST+, and so on.
    #
    # The way to sign in follows from what is set: +client_id+ and +client_secret+, or +token+, or +email+ and
    # +api_token+.
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
      #   @return [String, nil] its secret. We act as the user who made the client; the tokens are renewed as they end
      # @!attribute token
      #   @return [String, nil] an OAuth access token from elsewhere, which is not renewed
      # @!attribute email
      #   @return [String, nil] the address of the user whose API token is used
      # @!attribute api_token
      #   @return [String, nil] an API token. Zendesk ends all of them on 2027-04-30
      # @!attribute share
      #   @return [Float] the share of the account's requests per minute that is ours: 0.5 is half of them
      # @!attribute requests_per_minute
      #   @return [Integer, nil] the requests per minute that are ours, in the place of a share
      # @!attribute jobs
      #   @return [Integer] the most of our jobs that are queued or running at once, from 1 to 30
      # @!attribute job_patience
      #   @return [Float] for a job, in seconds, after which it is given up
      # @!attribute open_timeout
      #   @return [Float] for opening a connection, in seconds
      # @!attribute read_timeout
      #   @return [Float] for silence in the middle of an answer, in seconds
      # @!attribute deadline
      #   @return [Float] for a whole list with all its pages and tries, or for all that one call writes, in seconds
      # @!attribute attempts
      #   @return [Integer] the number of tries of a request that fails in a way that may pass
      # @!attribute retry_delay
      #   @return [Float] the pause before the second try, in seconds; it doubles from there on
      # @!attribute concurrency
      #   @return [Integer] the most requests that are under way at once
      # @!attribute max_page_bytes
      #   @return [Integer] the largest answer, in bytes after unpacking; all answers that are held at once may have
      #     four times as many, and so may the text that a sync keeps of its rows, beside 512 bytes for each row
      # @!attribute max_rows
      #   @return [Integer] the most organizations that a list may have
      # @!attribute ca_file
      #   @return [String, nil] a PEM file with root certificates to trust besides the usual ones
      DEFAULTS.each_key { |setting| attr_accessor setting }

      # @api private
      # @param second [Float] the duration of a second of the account: less than one if a simulator's clock runs fast
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
