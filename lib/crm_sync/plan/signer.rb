# frozen_string_literal: true

require "json"
require "openssl"
require "active_support/message_verifier"

module CrmSync
  # Signs digests. It is loaded only if there is a secret to sign with, because OpenSSL takes long to load.
  module Signer
    # The purpose of the gem's signatures: a signature for another purpose does not count here.
    PURPOSE = "crm_sync plan"
    HASH = "SHA256"
    private_constant :HASH

    class << self
      # Derives a secret, so that a signature that the app makes elsewhere with the same secret does not count here.
      # @param secret [String]
      # @return [String]
      def derived(secret)
        OpenSSL::HMAC.digest(HASH, secret, PURPOSE)
      end

      # @param digest [String]
      # @param secrets [Array<String>] the first one signs
      # @return [String] the signature
      def sign(digest, secrets)
        verifier(secrets).generate(digest, purpose: PURPOSE)
      end

      # @param signature [String]
      # @param secrets [Array<String>] each of them verifies
      # @return [String, nil] the digest that was signed
      def verified(signature, secrets)
        verifier(secrets).verified(signature, purpose: PURPOSE)
      end

      private

      def verifier(secrets)
        newest, *older = secrets
        ActiveSupport::MessageVerifier.new(newest, digest: HASH, serializer: JSON).tap do |verifier|
          older.each { |secret| verifier.rotate(secret) }
        end
      end
    end
  end
  private_constant :Signer
end
