# frozen_string_literal: true

require "digest"
require_relative "../errors"
require_relative "../notices/confidential"

module CrmSync
  module Internal
    # A session in its stored form.
    class SessionRecord
      include Confidential

      # The seconds after which a stored session is no longer used. Salesforce does not say when a session ends, and the
      # end of a session is noticed anyway.
      MAX_AGE = 12 * 60 * 60
      # The maximum number of digests that are kept, and so of refresh tokens that are known not to be new.
      CHAIN = 200
      # The form of an access token that can be sent in a header.
      TOKEN = /\A[!-~]+\z/n
      private_constant :CHAIN, :TOKEN

      class << self
        # @param hash [Object] the content of a store
        # @return [SessionRecord, nil] +nil+ if the content is not a session
        def from(hash)
          record = new(hash) if hash.is_a?(Hash)
          record if record&.whole?
        end

        # @param answer [Hash] the result of a sign-in: +access_token+, +instance_url+, +refresh_token+
        # @param configured [String, nil] the refresh token that was configured
        # @param used [String, nil] the refresh token that was used for the sign-in
        # @param chain [Array<String>, nil] the digests of the refresh tokens before
        # @return [SessionRecord]
        # @raise [CrmSync::InternalError] when the answer contains no session
        def signed_in(answer, configured:, used:, chain:)
          token, url = answer.values_at(:access_token, :instance_url)
          current = answer[:refresh_token] || used
          hash = { "access_token" => token, "instance_url" => url, "at" => Time.now.to_f }
          # The configured token need not be stored; a token that has replaced it must be.
          hash["refresh_token"] = current if configured && current != configured
          hash["chain"] = link(chain.to_a, configured, current) if configured
          from(hash) || raise(InternalError, "a sign-in gave no session")
        end

        # @param token [String]
        # @return [String]
        def digest(token)
          Digest::SHA256.hexdigest(token).slice(0, 16)
        end

        private

        def link(chain, *tokens)
          chain |= tokens.map { |token| digest(token) }
          chain.size > CHAIN ? chain.first(1) + chain.last(CHAIN - 1) : chain
        end
      end

      # @param hash [Hash{String => Object}]
      def initialize(hash)
        @hash = hash
      end

      %w[access_token instance_url refresh_token at].each { |name| define_method(name) { @hash[name] } }

      # @return [Array<String>] the digests of the refresh tokens that led to this session, the configured one first
      def chain
        @hash["chain"] || []
      end

      # @return [Hash{String => Object}] the content for the store
      def to_h
        @hash
      end

      # @return [Boolean]
      def whole?
        [access_token, instance_url].all? { |text| text.is_a?(String) && !text.empty? } && at.is_a?(Numeric) &&
          chain.is_a?(Array) && (refresh_token.nil? || refresh_token.is_a?(String))
      end

      # @param ended [String, nil] the access token that is no longer valid
      # @return [Boolean]
      def usable?(ended)
        # Does not trust a session from the future either: one of the clocks is wrong.
        access_token != ended && TOKEN.match?(access_token.b) && (Time.now.to_f - at).abs < MAX_AGE
      end

      # Returns whether this session descends from the configured refresh token. If not, a new token has been
      # configured.
      #
      # @param configured [String, nil]
      # @return [Boolean]
      def belongs_to?(configured)
        configured.nil? || chain.include?(self.class.digest(configured))
      end
    end
  end
end
