# frozen_string_literal: true

require "openssl"
require "rails_helper"

# Signing in by each of the four grants, and being refused: one request for one refusal, and words that tell what to do.
RSpec.describe CrmSync::Salesforce::Client do
  def self.refusal(error, description, status = 400)
    any_answer(status, JSON.generate(error:, error_description: description))
  end

  remote = CrmSync::RemoteError
  refused = CrmSync::AuthenticationError
  key = OpenSSL::PKey::RSA.new(2048)
  other_key = OpenSSL::PKey::RSA.new(2048)
  # A lock of the user, without the address that is their name.
  user = "sync@b.edu"
  password = "pass-#{Simulated::SECRET}"
  grants = {
    client_credentials: {},
    jwt_bearer: { username: user, private_key: key.to_pem, client_secret: nil },
    refresh_token: { refresh_token: "first-#{Simulated::SECRET}" },
    password: { username: user, password: }
  }
  # The credentials that the org asks for.
  asked = { jwt_public_key: key.public_to_pem, username: user, password:,
            refresh_token: "first-#{Simulated::SECRET}" }

  grants.each do |grant, settings|
    describe "by #{grant}" do
      def self.tries(grant)
        # A refresh token may be good for one use only, so it is not used again when nobody knows what became of it.
        grant == :refresh_token ? 1 : 3
      end

      define_method(:world) do |overridden: {}, **options, &block|
        org(settings: { grant:, **settings, **overridden }, grants: [grant], **asked, **options, &block)
      end

      it "signs in once for all reads" do
        world do |salesforce|
          expect(%i[serial parallel bulk].map { |way| sorted(read(way)) }).to all(eq(rows_of(30)))
          expect(sign_ins(salesforce)).to eq(1)
        end
      end

      it "signs in once more when its session ends" do
        world(faults: [{ on: :next_page, times: 1, answer: :expire }]) do |salesforce|
          expect(sorted(read(:serial))).to eq(rows_of(30))
          expect(sign_ins(salesforce)).to eq(2)
        end
      end

      {
        "hangs" => [:hang, remote, { attempts: tries(grant) }, /the sign-in failed: no answer in time/],
        "drops the connection" => [:close, remote, { attempts: tries(grant) }, /the sign-in failed: the connection/],
        "cuts the body" => [:truncate, remote, { attempts: tries(grant) }, /cut short/],
        "cuts the text" => [:cut_json, remote, { attempts: tries(grant) }, /not what a sign-in gives/],
        "returns HTML" => [:html, remote, { attempts: tries(grant) }, /not what a sign-in gives/],
        "is down" => [any_answer(500, ""), remote, { status: 500, attempts: tries(grant) }, /no sign-in at the moment/],
        "is too busy" => [{ retry_after: 0 }, remote, { status: 503, attempts: 3 }, /no sign-in at the moment/],
        "does not know the page" => [any_answer(404, "<html>"), remote, { status: 404, attempts: 1 },
                                     /the org may have moved: check salesforce.host/],
        "sends us elsewhere" => [:foreign_instance, remote, { attempts: 1 }, /a host that is not the org's/],
        "does not allow it" => [refusal("unsupported_grant_type", "grant type not supported"), refused,
                                { status: 400, code: "unsupported_grant_type", attempts: 1 },
                                /check that the app allows this grant/],
        "has seen too many" => [refusal("invalid_grant", "login rate exceeded"), refused, { attempts: 1 },
                                /signed in too often .*share sessions between processes/],
        "has seen too many, in code" => [refusal("LOGIN_RATE_EXCEEDED", "no reason", 403), refused,
                                         { status: 403, code: "LOGIN_RATE_EXCEEDED", attempts: 1 },
                                         /signed in too often/],
        # The user's name is a secret where it is a setting, and an address anyhow.
        "has locked the user out" => [refusal("invalid_grant", "user sync@b.edu is locked out"), refused,
                                      { attempts: 1 },
                                      /user \[(address|secret)\] is locked out; .*administrator .* unlock it/],
        "has an inactive user" => [refusal("inactive_user", "user is inactive"), refused, { attempts: 1 },
                                   /administrator of the org has to unlock it/],
        "is an inactive org" => [refusal("inactive_org", "organization is inactive"), refused, { attempts: 1 },
                                 /the org is locked, closed or suspended/],
        "says something new" => [refusal("new_error", "\e[31m what@b.edu", 401), refused,
                                 { status: 401, code: "new_error", attempts: 1 }, /failed: \[31m \[address\] \(/]
      }.each do |what, (answer, kind, facts, message)|
        it "says so when the token endpoint #{what}" do
          overridden = answer == :hang ? { read_timeout: 0.15 } : {}
          world(faults: [{ on: :token, answer: }], overridden:) do |salesforce|
            expect_failure(salesforce, kind, facts, message, sign_ins: 3, requests: facts.fetch(:attempts, 1)) do
              read(:serial)
            end
          end
        end
      end

      it "gets over what passes, where it may try again" do
        [any_answer(500, ""), :close, :html, { retry_after: 0 }].first(grant == :refresh_token ? 0 : 4).each do |answer|
          world(faults: [{ on: :token, times: 1, answer: }]) do |salesforce|
            expect(read(:serial).size).to eq(30)
            expect(sign_ins(salesforce)).to eq(2)
          end
        end
        world(faults: [{ on: :token, times: 2, answer: { retry_after: 0 } }]) do |salesforce|
          expect(read(:serial).size).to eq(30)
          expect(sign_ins(salesforce)).to eq(3)
        end
      end
    end
  end

  # The refusals of the org itself, which are no faults.
  {
    "a wrong secret" => [{ client_secret: "wrong-#{Simulated::SECRET}" }, {}, "invalid_client",
                         /salesforce.client_secret: the secret may have expired or been rotated/],
    "a wrong client" => [{ client_id: "nobody" }, { client_id: "app" }, "invalid_client_id",
                         /check salesforce.client_id/],
    "client credentials at a login host" => [{}, { my_domain: false }, "invalid_grant",
                                             /must be the org's My Domain, not a login host/],
    "more sign-ins than an hour allows" => [{}, { login_limit: 0 }, "invalid_grant", /3,600 times in an hour/],
    "another key's assertion" => [{ grant: :jwt_bearer, **grants[:jwt_bearer], private_key: other_key.to_pem }, asked,
                                  "invalid_grant", /check salesforce.private_key, .*this machine's clock/],
    "an assertion for somebody else" => [{ grant: :jwt_bearer, **grants[:jwt_bearer],
                                           audience: "https://example.my.salesforce.com" }, asked, "invalid_grant",
                                         /check salesforce.private_key, .*salesforce.audience/],
    "a user who has not been let in" => [{ grant: :jwt_bearer, **grants[:jwt_bearer], username: "other@b.edu" }, asked,
                                         "invalid_grant", /administrator has to pre-authorize the app for the user/],
    "a wrong password" => [{ grant: :password, **grants[:password], password: "wrong" }, asked, "invalid_grant",
                           /salesforce.password \(with the security token\), and whether the org still allows/],
    "a refresh token that was used elsewhere" => [{ grant: :refresh_token, refresh_token: "old" }, asked,
                                                  "invalid_grant", /revoked or used by somebody else: sign in again/]
  }.each do |what, (settings, options, code, message)|
    it "is refused once with #{what}" do
      org(settings:, **options) do |salesforce|
        facts = { status: 400, code:, attempts: 1 }
        expect_failure(salesforce, refused, facts, message, requests: 1) { read(:parallel) }
      end
    end
  end

  it "asks nobody with a key that is none" do
    org(settings: { grant: :jwt_bearer, username: user, private_key: "-----BEGIN no key" }) do |salesforce|
      expect do
        read(:serial)
      end.to raise_error(CrmSync::ConfigurationError, /salesforce.private_key is not a private RSA/)
      expect(salesforce.requests).to be_empty
    end
  end

  it "goes from one refresh token to the next, hands each over, and never uses one twice" do
    given = []
    settings = { grant: :refresh_token, **grants[:refresh_token], on_refresh_token: ->(token) { given << token } }
    faults = [{ on: :next_page, skip: 1, times: 1, answer: :expire },
              { on: :query, skip: 1, times: 1, answer: :expire }]
    org(settings:, rotate_refresh_tokens: true, faults:, **asked) do |salesforce|
      text = logged { 2.times { expect(sorted(read(:serial))).to eq(rows_of(30)) } }
      expect([sign_ins(salesforce), given.uniq.size]).to eq([3, 3])
      expect(text).to have_no_secret
    end
  end

  it "does not sign in on and on when the rate is exceeded in the middle of a read" do
    org(login_limit: 1, count: 200, latency_ms: 5,
        faults: [{ on: :next_page, times: 1, answer: :expire }]) do |salesforce|
      expect_failure(salesforce, refused, { attempts: 1 }, /signed in too often/, sign_ins: 2, requests: 60) do
        read(:parallel)
      end
    end
  end
end
