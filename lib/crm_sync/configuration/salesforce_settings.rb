# frozen_string_literal: true

require "digest"
require_relative "salesforce_check"
require_relative "session_store"
require_relative "settings"

module CrmSync
  class Configuration
    # Settings of a Salesforce org. Every setting also comes from the environment: +host+ from
    # +CRM_SYNC_SALESFORCE_HOST+, that of the org +:marketing+ from +CRM_SYNC_SALESFORCE_MARKETING_HOST+, and so on.
    class SalesforceSettings < Settings
      DEFAULTS = {
        host: nil, grant: "client_credentials", client_id: nil, client_secret: nil, username: nil, password: nil,
        private_key: nil, audience: "https://login.salesforce.com", refresh_token: nil, session_store: :file,
        api_version: "66.0", open_timeout: 10.0, read_timeout: 60.0, deadline: 900.0, attempts: 5, retry_delay: 0.5,
        concurrency: 16, quota_reserve: 0.05, bulk_from: 100_000, max_page_bytes: 64 * 1024 * 1024,
        max_rows: 10_000_000, allow_duplicates: false, ca_file: nil
      }.freeze
      private_constant :DEFAULTS

      # @!attribute host
      #   @return [String] the org's My Domain, such as +"example.my.salesforce.com"+
      # @!attribute grant
      #   @return [String, Symbol] the way to sign in: +client_credentials+, +jwt_bearer+, +refresh_token+ or +password+
      # @!attribute client_id
      #   @return [String] the connected app's consumer key
      # @!attribute client_secret
      #   @return [String] the connected app's consumer secret
      # @!attribute username
      #   @return [String, nil] the user as whom to sign in, for the grants +jwt_bearer+ and +password+
      # @!attribute password
      #   @return [String, nil] the user's password with the security token behind it, for the grant +password+
      # @!attribute private_key
      #   @return [String, nil] the RSA key of the app's certificate as PEM, for the grant +jwt_bearer+; line ends may
      #     be written as +\\n+
      # @!attribute audience
      #   @return [String] for whom the grant +jwt_bearer+ signs; for a sandbox +"https://test.salesforce.com"+
      # @!attribute refresh_token
      #   @return [String, nil] the first refresh token, for the grant of that name. Where Salesforce gives a new one
      #     for each sign-in, those are kept with the session; one that is configured anew is used instead of them
      # @!attribute session_store
      #   @return [Symbol, Object] the place where processes share their session: +:file+ for those of one machine,
      #     +:cache+ encrypted in +Rails.cache+, +:memory+ not at all; or an object with +read(key)+, +write(key, hash)+
      #     and <tt>synchronize(key) { }</tt>
      # @!attribute api_version
      #   @return [String] the version of the REST API, such as +"66.0"+
      # @!attribute open_timeout
      #   @return [Float] for opening a connection, in seconds
      # @!attribute read_timeout
      #   @return [Float] for silence in the middle of an answer, in seconds
      # @!attribute deadline
      #   @return [Float] for a whole query with all its pages and tries, in seconds
      # @!attribute attempts
      #   @return [Integer] the number of tries of a request that fails in a way that may pass
      # @!attribute retry_delay
      #   @return [Float] the pause before the second try, in seconds; it doubles from there on
      # @!attribute concurrency
      #   @return [Integer] the most requests that are under way at once
      # @!attribute quota_reserve
      #   @return [Float] the share of the day's requests that is left to others: 0.05 leaves a twentieth
      # @!attribute bulk_from
      #   @return [Integer] the rows from which on a query may become a job of the Bulk API, and a write becomes one
      # @!attribute max_page_bytes
      #   @return [Integer] the largest answer, in bytes after unpacking; all answers that are held at once may have
      #     four times as many, and so may the text that a sync keeps of its rows, beside 512 bytes for each row
      # @!attribute max_rows
      #   @return [Integer] the most rows that one query may give
      # @!attribute allow_duplicates
      #   @return [Boolean] whether a write is saved that a duplicate rule of the org only warns of. Without it such a
      #     write is refused with +DUPLICATES_DETECTED+; a rule that blocks refuses it in either case
      # @!attribute ca_file
      #   @return [String, nil] a PEM file with root certificates to trust besides the usual ones
      DEFAULTS.each_key { |setting| attr_accessor setting }

      # @return [#call, nil] is given each refresh token that takes the place of the one before, to be kept by the app.
      #   It must not use the org itself. What it raises ends the run; the session stays
      # @example
      #   config.salesforce.on_refresh_token = ->(token) { Credential.find_by!(name: "salesforce").update!(token:) }
      attr_accessor :on_refresh_token

      # @api private
      def initialize(name, on_refresh_token: nil, **values)
        super(name, **values)
        @on_refresh_token = on_refresh_token
      end

      # The session with the org, for all threads; the same object as long as the settings stay the same.
      #
      # @api private
      # @return [CrmSync::Internal::Sessions]
      # @raise [CrmSync::ConfigurationError] when a setting is missing or cannot be right
      def sessions
        values = [plain, session_store, on_refresh_token]
        @monitor.synchronize do
          @sessions = [values, build_sessions].freeze unless @sessions&.first == values
          @sessions.last
        end
      end

      # @return [String] without secrets
      def inspect
        "#<#{self.class.name} #{@name} host: #{host.inspect}, api_version: #{api_version.inspect}>"
      end

      private

      def defaults
        DEFAULTS
      end

      def service
        "Salesforce"
      end

      def plain
        super.except(:session_store)
      end

      def check_class
        SalesforceCheck
      end

      def build(values)
        Native::Salesforce.new(values)
      end

      def build_sessions
        client = native
        Internal::Sessions.new(
          key: Digest::SHA256.hexdigest([host, grant, client_id, username].join("\0")), store:, log:,
          refresh_token: (refresh_token.presence if grant.to_s == "refresh_token"), on_refresh_token:,
          # The client of these settings, also when they have changed by then: the key is theirs.
          sign_in: ->(token) { client.sign_in(token, Host.new(log)) }
        )
      end

      # The same one as long as it is the one wanted: a store in memory must not forget when another setting changes.
      def store
        @store = [session_store, SessionStore.for(session_store, log)].freeze unless @store&.first == session_store
        @store.last
      end
    end
  end
end
