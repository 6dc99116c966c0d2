# frozen_string_literal: true

require_relative "../notices/confidential"
require_relative "session_record"

module CrmSync
  module Internal
    # Shares one session with an org among all threads and processes. Salesforce allows 3,600 sign-ins per hour and
    # user, and may issue refresh tokens that can be used only once: whoever uses an old one ends the sessions of all.
    #
    # A store has +read(key)+, which returns a Hash or +nil+; +write(key, hash)+, where the Hash can be converted to
    # JSON; and +synchronize(key) { }+, which runs the block for one caller at a time.
    class Sessions
      include Confidential

      # @param key [String] identifies the org and the user, and is the same in every process
      # @param store [#read, #write, #synchronize]
      # @param sign_in [Proc] +->(refresh_token_or_nil) { { access_token:, instance_url:, refresh_token: } }+
      # @param refresh_token [String, nil] the configured one, for the refresh token grant
      # @param log [CrmSync::Log, nil]
      # @param on_refresh_token [Proc, nil] is called with each refresh token that replaces the one before
      def initialize(key:, store:, sign_in:, refresh_token: nil, log: nil, on_refresh_token: nil)
        @key = key
        @store = store
        @sign_in = sign_in
        @refresh_token = refresh_token
        @log = log
        @on_refresh_token = on_refresh_token
        @mutex = Mutex.new
        @failures = 0
      end

      # Returns a session other than the one that has ended: the one that another thread or process has opened in the
      # meantime, or a new one. If a sign-in fails, the threads that have waited for it get its error, because theirs
      # would be the same.
      #
      # @param ended [String, nil] the access token that Salesforce no longer accepts
      # @return [Array(String, String)] access token and instance URL
      # @raise [CrmSync::RemoteError] when the sign-in fails
      # @raise [Exception] any exception that +on_refresh_token+ raises; the session is kept nevertheless
      # @example
      #   token, url = sessions.open
      #   token, url = sessions.open(token) # after a 401
      def open(ended = nil)
        failures = @failures
        @mutex.synchronize do
          find(ended) || (failures == @failures ? open_anew(ended) : raise(@failure.dup))
          [@record.access_token, @record.instance_url]
        end
      end

      private

      def open_anew(ended)
        @store.synchronize(@key) { find(ended) || renew }
      rescue Error => e
        @failures += 1
        @failure = e
        raise
      end

      def find(ended)
        look unless @record&.usable?(ended)
        @record if @record&.usable?(ended)
      end

      # Reads the session from the store, unless the store failed to save ours, which is newer then.
      def look
        return if @unsaved

        stored = SessionRecord.from(@store.read(@key))
        @record = stored if stored&.belongs_to?(@refresh_token)
      end

      def renew
        used = @record&.refresh_token || @refresh_token
        begin
          sign_in(used)
        ensure
          # Is called even after an interrupt; not under a mask, because threads of the host would inherit it.
          current = @record&.refresh_token
          @on_refresh_token&.call(current) if current && current != used
        end
      end

      # Saves a new refresh token without interrupts, because one that is lost before it is stored may end all sessions.
      # The loss of a session alone does no harm, so a store that does not return can then be interrupted.
      def sign_in(used)
        Thread.handle_interrupt(Object => :never) do
          answer = Thread.handle_interrupt(Object => :immediate) { @sign_in.call(used) }
          record = SessionRecord.signed_in(answer, configured: @refresh_token, used:, chain: @record&.chain)
          Thread.handle_interrupt(Object => record.refresh_token ? :never : :immediate) { save(record) }
        end
      end

      def save(record)
        @record = record
        @store.write(@key, record.to_h)
        @unsaved = false
      rescue StandardError => e
        # The store failed, but this process still has its session.
        @unsaved = true
        why = e.is_a?(SystemCallError) ? e.message : e.class.name
        @log&.warn("the session could not be stored, so that every process signs in by itself: #{why}")
      end
    end
  end
end
