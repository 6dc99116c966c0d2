# frozen_string_literal: true

require_relative "../notices/confidential"
require_relative "session_record"

module CrmSync
  module Internal
    # One session with an org for all threads and processes. Salesforce allows 3,600 sign-ins an hour and user, and may
    # give out refresh tokens that can be used once only: whoever uses an old one ends the sessions of all.
    #
    # A store has +read(key)+, which gives a Hash or +nil+; +write(key, hash)+, where the Hash is fit for JSON; and
    # +synchronize(key) { }+, which lets one in at a time.
    class Sessions
      include Confidential

      # @param key [String] of the org and the user, the same in every process
      # @param store [#read, #write, #synchronize]
      # @param sign_in [Proc] +->(refresh_token_or_nil) { { access_token:, instance_url:, refresh_token: } }+
      # @param refresh_token [String, nil] the one that was configured, for the grant of that name
      # @param log [CrmSync::Log, nil]
      # @param on_refresh_token [Proc, nil] is given each refresh token that takes the place of the one before
      def initialize(key:, store:, sign_in:, refresh_token: nil, log: nil, on_refresh_token: nil)
        @key = key
        @store = store
        @sign_in = sign_in
        @refresh_token = refresh_token
        @log = log
        @on_refresh_token = on_refresh_token
        @mutex = Mutex.new
      end

      # A session other than the one that has ended: the one that another thread or process has opened meanwhile, or a
      # new one.
      #
      # @param ended [String, nil] the access token that Salesforce does not take any more
      # @return [Array(String, String)] access token and instance URL
      # @raise [CrmSync::RemoteError] when the sign-in fails
      # @raise [Exception] what +on_refresh_token+ raises; the session is kept all the same
      # @example
      #   token, url = sessions.open
      #   token, url = sessions.open(token) # after a 401
      def open(ended = nil)
        @mutex.synchronize do
          find(ended) || @store.synchronize(@key) { find(ended) || renew }
          [@record.access_token, @record.instance_url]
        end
      end

      private

      def find(ended)
        look unless @record&.usable?(ended)
        @record if @record&.usable?(ended)
      end

      # The store knows best, as long as it has taken what we gave it.
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
          # Also when interrupted by now. And not masked: threads of the host's would inherit the mask.
          current = @record&.refresh_token
          @on_refresh_token&.call(current) if current && current != used
        end
      end

      # A refresh token that gets lost on its way into the store may end all sessions, so nothing interrupts that. A
      # session alone is no loss, and a store that does not return can be left.
      def sign_in(used)
        Thread.handle_interrupt(Object => :never) do
          answer = Thread.handle_interrupt(Object => :immediate) { @sign_in.call(used) }
          record = SessionRecord.signed_in(answer, configured: @refresh_token, used:, chain: @record&.chain)
          Thread.handle_interrupt(Object => record.refresh_token ? :never : :immediate) { save(record) }
        end
        @log&.info("signed in")
      end

      def save(record)
        @record = record
        @store.write(@key, record.to_h)
        @unsaved = false
      rescue StandardError => e
        # The store failed; this process still has its session.
        @unsaved = true
        why = e.is_a?(SystemCallError) ? e.message : e.class.name
        @log&.warn("the session could not be stored, so that every process signs in by itself: #{why}")
      end
    end
  end
end
