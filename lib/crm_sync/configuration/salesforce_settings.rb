# frozen_string_literal: true

require "digest"
require_relative "../salesforce/sessions"
require_relative "openstax_settings"
require_relative "salesforce_check"
require_relative "session_store"
require_relative "settings"

module CrmSync
  class Configuration
    # Holds the settings of a Salesforce org. Each setting can also come from the environment: +host+ from
    # +CRM_SYNC_SALESFORCE_HOST+, the host of the org +:marketing+ from +CRM_SYNC_SALESFORCE_MARKETING_HOST+, and so on.
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
      #   @return [String, Symbol] the OAuth grant: +client_credentials+, +jwt_bearer+, +refresh_token+ or +password+
      # @!attribute client_id
      #   @return [String] the connected app's consumer key
      # @!attribute client_secret
      #   @return [String] the connected app's consumer secret
      # @!attribute username
      #   @return [String, nil] the name of the user who is signed in, for the grants +jwt_bearer+ and +password+
      # @!attribute password
      #   @return [String, nil] the user's password followed by the security token, for the grant +password+
      # @!attribute private_key
      #   @return [String, nil] the RSA key of the app's certificate as PEM, for the grant +jwt_bearer+; line breaks may
      #     be written as +\\n+
      # @!attribute audience
      #   @return [String] the audience of the token that the grant +jwt_bearer+ signs; for a sandbox
      #     +"https://test.salesforce.com"+
      # @!attribute refresh_token
      #   @return [String, nil] the first refresh token, for the grant +refresh_token+. If Salesforce returns a new one
      #     with each sign-in, the new one is kept with the session and used from then on, until another token is
      #     configured here
      # @!attribute session_store
      #   @return [Symbol, Object] the store in which processes share their session: +:file+ (the processes of one user
      #     on one machine), +:cache+ (encrypted in +Rails.cache+) or +:memory+ (not shared); or an object with
      #     +read(key)+, +write(key, hash)+ and <tt>synchronize(key) { }</tt>
      # @!attribute api_version
      #   @return [String] the version of the REST API, such as +"66.0"+
      # @!attribute open_timeout
      #   @return [Float] the maximum time to open a connection, in seconds
      # @!attribute read_timeout
      #   @return [Float] the maximum time to wait for more bytes of a response, in seconds
      # @!attribute deadline
      #   @return [Float] the maximum time for a whole query with all its pages and attempts, in seconds
      # @!attribute attempts
      #   @return [Integer] the maximum number of attempts of a request that fails for a reason that may be temporary
      # @!attribute retry_delay
      #   @return [Float] the pause before the second attempt, in seconds; it doubles with each further attempt
      # @!attribute concurrency
      #   @return [Integer] the maximum number of concurrent requests
      # @!attribute quota_reserve
      #   @return [Float] the share of the org's daily requests that is left to other clients: 0.05 leaves 5 %
      # @!attribute bulk_from
      #   @return [Integer] the number of rows from which a query may use a Bulk API job, and a write uses one
      # @!attribute max_page_bytes
      #   @return [Integer] the maximum size of a response, in bytes after decompression. All responses that are in
      #     memory at once may have four times as many bytes, and so may the text that a sync keeps of its rows, in
      #     addition to 512 bytes for each row
      # @!attribute max_rows
      #   @return [Integer] the maximum number of rows that one query may return
      # @!attribute allow_duplicates
      #   @return [Boolean] whether Salesforce saves a write that a duplicate rule of the org only warns about. If
      #     false, it refuses such a write with +DUPLICATES_DETECTED+. A rule that blocks refuses the write in either
      #     case
      # @!attribute ca_file
      #   @return [String, nil] the path of a PEM file with root certificates that are trusted in addition to the usual
      #     ones
      DEFAULTS.each_key { |setting| attr_writer setting }
      (DEFAULTS.keys - OpenstaxSettings::NAMES.keys).each { |setting| attr_reader setting }
      OpenstaxSettings::NAMES.each_key do |setting|
        define_method(setting) { own(setting) || (OpenstaxSettings.value(setting) if @from_openstax) }
      end

      # @return [#call, nil] a callback for the app to store refresh tokens. It is called with each new refresh token
      #   that replaces the previous one, and must not use the org itself. An exception that it raises ends the run; the
      #   session is kept
      # @example
      #   config.salesforce.on_refresh_token = ->(token) { Credential.find_by!(name: "salesforce").update!(token:) }
      attr_accessor :on_refresh_token

      # @api private
      def initialize(name, on_refresh_token: nil, **values)
        super(name, **values)
        @on_refresh_token = on_refresh_token
      end

      # Takes +host+, +client_id+ and +client_secret+ from the app's configuration of the gem openstax_salesforce
      # (+login_domain+, +consumer_key+ and +consumer_secret+). They are read each time that they are used. A value that
      # is set here afterwards takes precedence. The sign-in uses the configured +grant+, which is +client_credentials+
      # by default; for this grant, +login_domain+ must be the org's My Domain. The user name, password and security
      # token of that gem are not used.
      #
      # @return [void]
      # @raise [CrmSync::ConfigurationError] when the gem is not loaded; on first use, when a setting is missing there
      #   or invalid
      # @example
      #   CrmSync.configure { |config| config.salesforce.from_openstax }
      def from_openstax
        unless OpenstaxSettings.there?
          raise ConfigurationError, "from_openstax: the gem openstax_salesforce is not loaded; add it to the " \
                                    "Gemfile, or set host, client_id and client_secret in CrmSync.configure"
        end

        OpenstaxSettings::NAMES.each_key { |setting| public_send("#{setting}=", nil) }
        @from_openstax = true
      end

      # Returns the session with the org, which all threads share; the same object as long as the settings do not
      # change.
      #
      # @api private
      # @return [CrmSync::Internal::Sessions]
      # @raise [CrmSync::ConfigurationError] when a setting is missing or invalid
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

      def own(setting)
        instance_variable_get("@#{setting}")
      end

      def place(setting)
        return super unless @from_openstax && OpenstaxSettings::NAMES.key?(setting) && own(setting).nil?

        OpenstaxSettings.place(setting)
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
          # Uses the client of these settings even if the settings have changed since, because the key belongs to them.
          sign_in: ->(token) { client.sign_in(token, Host.new(log)) }
        )
      end

      # Returns the store for sessions; the same object as long as +session_store+ does not change, because a store in
      # memory must not lose its sessions when another setting changes.
      def store
        @store = [session_store, SessionStore.for(session_store, log)].freeze unless @store&.first == session_store
        @store.last
      end
    end
  end
end
