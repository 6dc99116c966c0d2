# frozen_string_literal: true

require "digest"
require "openssl"

module CrmSync
  # Tells whether a file is as it was written: by a digest and, if the app has a secret, a signature.
  module Signature
    PURPOSE = "crm_sync plan"
    BYTES = 32
    UNVERIFIED = "it is signed, and there is no secret here to verify that with: set the plan_secret with which it " \
                 "was signed, in CrmSync.configure or as CRM_SYNC_PLAN_SECRET"
    private_constant :PURPOSE, :BYTES, :UNVERIFIED

    class << self
      # @param text [String]
      # @return [Hash{String => String}]
      def of(text)
        { "sha256" => Digest::SHA256.hexdigest(text), "hmac" => (signature(text) if signs?) }.compact
      end

      # @param text [String]
      # @param seal [Hash{String => String}] what {of} gave
      # @return [String, nil] what is wrong
      def problem(text, seal)
        return "it was changed, or is not whole" unless seal["sha256"] == Digest::SHA256.hexdigest(text)
        return (UNVERIFIED if seal["hmac"]) unless signs?
        return "it is not signed, and this app has a secret to sign with" unless seal["hmac"].is_a?(String)

        same = OpenSSL.secure_compare(seal["hmac"], signature(text))
        "it was signed with another secret, or by somebody else" unless same
      end

      # @return [Boolean] whether there is a secret to sign with
      def signs?
        !secret.nil?
      end

      private

      def signature(text)
        OpenSSL::HMAC.hexdigest("SHA256", secret, text)
      end

      # Derived, so that a signature here is worth nothing elsewhere.
      def secret
        given = CrmSync.configuration.plan_secret
        return OpenSSL::HMAC.digest("SHA256", given, PURPOSE) if given

        Rails.application.key_generator.generate_key(PURPOSE, BYTES) if rails_secret?
      end

      def rails_secret?
        defined?(Rails) && Rails.respond_to?(:application) && Rails.application &&
          Rails.application.secret_key_base.present?
      end
    end
  end
  private_constant :Signature
end
