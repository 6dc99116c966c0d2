# frozen_string_literal: true

require "active_support"
require "active_support/message_encryptor"
require "json"
require "securerandom"
require_relative "../errors"
require_relative "../notices/confidential"
require_relative "session_record"

module CrmSync
  module Salesforce
    # Stores sessions in a cache, encrypted, for processes on several machines. With the setting +session_store+
    # +:cache+, the gem uses the cache and the secret of Rails; without Rails, the app creates the store.
    #
    # @example
    #   config.salesforce.session_store = CrmSync::Salesforce::SessionCache.new(cache:, secret: ENV.fetch("SECRET"))
    class SessionCache
      include Confidential

      # The seconds after which a lock expires, and the default time to wait for one.
      PATIENCE = 30
      # The seconds between two tries.
      PAUSE = 0.05
      # The number of tries that fail although nobody holds the lock, after which the cache is considered out of order.
      REFUSALS = 3
      private_constant :PATIENCE, :PAUSE, :REFUSALS

      # @param cache [ActiveSupport::Cache::Store, nil] +nil+ for +Rails.cache+
      # @param secret [String, nil] 32 bytes; +nil+ derives them from the app's secret
      # @param patience [Numeric] the maximum time to wait for another process that signs in, in seconds
      # @raise [CrmSync::ConfigurationError] when one of them is missing, or the secret has another length
      def initialize(cache: nil, secret: nil, patience: PATIENCE)
        @cache = cache || rails(:cache) { Rails.cache }
        secret ||= rails(:secret) { Rails.application.key_generator.generate_key("crm_sync sessions", 32) }
        raise ConfigurationError, "the secret of sessions in a cache must have 32 bytes" unless secret.bytesize == 32

        @encryptor = ActiveSupport::MessageEncryptor.new(secret, cipher: "aes-256-gcm", serializer: JSON)
        @patience = patience
      end

      # @param key [String]
      # @return [Hash, nil] the session; +nil+ also if it cannot be decrypted
      def read(key)
        text = look(place(key))
        text.is_a?(String) ? @encryptor.decrypt_and_verify(text, purpose: key) : nil
      rescue ActiveSupport::MessageEncryptor::InvalidMessage, ActiveSupport::MessageVerifier::InvalidSignature
        nil
      end

      # @param key [String]
      # @param record [Hash]
      # @return [void]
      # @raise [IOError] when the cache does not store it
      def write(key, record)
        # A session may be forgotten when it is old. A refresh token must not be, because the one before it is no longer
        # valid.
        expires_in = record["refresh_token"] ? nil : Internal::SessionRecord::MAX_AGE
        text = @encryptor.encrypt_and_sign(record, purpose: key)
        @cache.write(place(key), text, expires_in:) || raise(IOError, "the cache did not take the session")
      end

      # Runs the block for one process at a time. The wait is limited, because two sign-ins do no harm.
      # @param key [String]
      # @return [Object] the result of the block
      def synchronize(key)
        mine = SecureRandom.hex(16)
        lock = "#{place(key)}/lock"
        wait_for(lock, mine)
        yield
      ensure
        @cache.delete(lock) if mine && look(lock) == mine
      end

      private

      def place(key)
        "crm_sync/session/#{key}"
      end

      # Bypasses the local cache that Rails keeps within a request, to read the current value.
      def look(place)
        return @cache.read(place) unless @cache.respond_to?(:with_local_cache)

        @cache.with_local_cache { @cache.read(place) }
      end

      def wait_for(lock, mine)
        deadline = now + @patience
        refusals = 0
        until take(lock, mine)
          # The read also removes an expired lock: some caches treat expired entries as existing until they are read.
          refusals = look(lock) ? 0 : refusals + 1
          break if refusals >= REFUSALS || now > deadline

          sleep(PAUSE * rand(0.5..1.5))
        end
      end

      # Rescues system errors, because a cache in files deletes empty folders, also while another process is about to
      # write there.
      def take(lock, mine)
        @cache.write(lock, mine, unless_exist: true, expires_in: PATIENCE)
      rescue SystemCallError
        false
      end

      def now
        Process.clock_gettime(Process::CLOCK_MONOTONIC)
      end

      def rails(what)
        return yield if defined?(Rails) && Rails.respond_to?(:application) && Rails.application

        raise ConfigurationError, "sessions in a cache need a #{what}; without Rails, set session_store to " \
                                  "CrmSync::Salesforce::SessionCache.new(cache:, secret:)"
      end
    end
  end
end
