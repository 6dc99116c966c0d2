# frozen_string_literal: true

require_relative "../native"

module CrmSync
  # Checks whether a file is as it was written: by its digest and, if the app has a secret, by a signature of the
  # digest. The digest is signed and not the text, so that people can still read and compare the file.
  module Signature
    BYTES = 32
    PARTS = %w[sha256 signature].freeze
    UNVERIFIED = "it is signed, and there is no secret here to verify that with: set the plan_secret with which it " \
                 "was signed, in CrmSync.configure or as CRM_SYNC_PLAN_SECRET"
    private_constant :BYTES, :PARTS, :UNVERIFIED

    class << self
      # @param text [String]
      # @return [Hash{String => String}]
      def of(text)
        of_digest(sha256(text))
      end

      # @param digest [String] the SHA-256 of a text, in hexadecimal digits
      # @return (see of)
      def of_digest(digest)
        { "sha256" => digest, "signature" => (Signer.sign(digest, secrets) if signs?) }.compact
      end

      # @param text [String, Array<String>] a text, whole or in pieces
      # @param seal [Hash{String => String}] the result of {of}
      # @return [String, nil] the problem, if any
      def problem(text, seal)
        digest, signature = seal.values_at(*PARTS)
        return "its seal is not of this version's form" if (seal.keys - PARTS).any?
        return "it was changed, or is not whole" unless digest == sha256(text)
        return (UNVERIFIED if signature) unless signs?
        return "it is not signed, and this app has a secret to sign with" unless signature.is_a?(String)

        same = Signer.verified(signature, secrets) == digest
        "it was signed with another secret, or by somebody else" unless same
      end

      # @return [Boolean] whether there is a secret to sign with
      def signs?
        secrets.any?
      end

      private

      def sha256(text)
        Array(text).reduce(Native::Digest.new, :<<).hexdigest
      end

      # Returns the secrets. The first one signs, and all of them verify.
      def secrets
        given = Array(CrmSync.configuration.plan_secret)
        return given.map { |secret| Signer.derived(secret) } if given.any?

        rails_secret? ? [Rails.application.key_generator.generate_key(Signer::PURPOSE, BYTES)] : []
      end

      def rails_secret?
        defined?(Rails) && Rails.respond_to?(:application) && Rails.application &&
          Rails.application.secret_key_base.present?
      end
    end
  end
  private_constant :Signature
end
