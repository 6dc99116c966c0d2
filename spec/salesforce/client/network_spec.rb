# frozen_string_literal: true

require "rails_helper"
require_relative "../../support/relay"

# Covers the network between us and the org: a certificate that nobody knows, a proxy, another family of addresses.
RSpec.describe CrmSync::Salesforce::Client do
  remote = CrmSync::RemoteError

  after { @relays&.each(&:close) }

  def relay(**options)
    Relay.new(**options).tap { |relay| (@relays ||= []) << relay }
  end

  # An org that is reached at this address, through this relay.
  def org_at(url, relay, settings: {}, **options)
    org(settings: { host: url, **settings }, instance_url: url, **options) do |salesforce|
      relay.to(salesforce.url)
      yield salesforce
    end
  end

  def file(text)
    path = File.join(scratch, "ca.pem")
    File.write(path, text)
    path
  end

  # With these variables of the environment, and no other that says something of proxies.
  def environment(**variables)
    names = %w[HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY].flat_map { |name| [name, name.downcase] }
    before = ENV.to_h.slice(*names)
    names.each { |name| ENV.delete(name) }
    ENV.update(variables.transform_keys(&:to_s))
    yield
  ensure
    names.each { |name| ENV[name] = before[name] }
  end

  describe "a host that does not exist" do
    let(:salesforce) do
      CrmSync::Configuration::SalesforceSettings.new(:default, host: "no-such-org.invalid", client_id: "id",
                                                               client_secret: "s", session_store: :memory)
    end

    it "is told at once, in one line that names the host and the setting" do
      text = logged do
        environment do
          expect { salesforce.sessions.open }.to raise_error(remote) { |error|
            expect(error.message).to include("there is no host no-such-org.invalid; correct salesforce.host")
            expect([error.attempts, error.message.lines.size]).to eq([1, 1])
          }
        end
      end
      expect(text).not_to include("next try")
    end
  end

  describe "a self-signed certificate" do
    let(:identity) { Relay::Identity.new }
    let(:tls) { relay(tls: identity) }
    let(:url) { "https://localhost:#{tls.port}" }

    it "is refused at once, with words that name ca_file" do
      org_at(url, tls) do |salesforce|
        expect_failure(salesforce, remote, { status: nil, attempts: 1 }, /not trusted here; .*PEM file .* as ca_file/,
                       requests: 0) { read(:serial) }
      end
    end

    it "is trusted once ca_file names it" do
      org_at(url, tls, settings: { ca_file: file(identity.pem) }) do
        expect(%i[serial parallel bulk].map { |way| sorted(read(way)) }).to all(eq(rows_of(30)))
      end
    end

    it "is refused with words that help when it is an authority's, as openssl makes them" do
      own = Relay::Identity.new(authority: true)
      through = relay(tls: own)
      address = "https://localhost:#{through.port}"
      org_at(address, through, settings: { ca_file: file(own.pem) }) do |salesforce|
        expect_failure(salesforce, remote, { attempts: 1 }, /an authority's and no server's: .*CA:FALSE.*as ca_file/,
                       requests: 0) { read(:serial) }
      end
    end

    it "is trusted by address too" do
      address = "https://127.0.0.1:#{tls.port}"
      org_at(address, tls, settings: { ca_file: file(identity.pem) }) { expect(read(:serial)).to eq(rows_of(30)) }
    end

    it "is not trusted for another one" do
      org_at(url, tls, settings: { ca_file: file(Relay::Identity.new.pem) }) do |salesforce|
        expect_failure(salesforce, remote, { attempts: 1 }, /as ca_file/, requests: 0) { read(:serial) }
      end
    end

    { "for another name" => [{ names: %w[DNS:elsewhere.example.test] }, /it is for other hosts: correct the host/],
      "when it has expired" => [{ days: -3..-2 }, /it has expired: .*clock/],
      "when it is not valid yet" => [{ days: 2..3 }, /it is not valid yet: set this machine's clock right/] }
      .each do |why, (made, words)|
      it "is not trusted #{why}, with words that help" do
        identity = Relay::Identity.new(**made)
        through = relay(tls: identity)
        org_at("https://localhost:#{through.port}", through, settings: { ca_file: file(identity.pem) }) do |salesforce|
          expect_failure(salesforce, remote, { attempts: 1 }, words, requests: 0) { read(:serial) }
        end
      end
    end

    it "is asked for by a name that is a mistake of the configuration when it is no file, or none of PEM" do
      { "/nowhere/ca.pem" => %r{ca_file /nowhere/ca.pem: No such file}, file("") => /no certificate in PEM form/,
        file("-----BEGIN CERTIFICATE-----\nx") => /no certificate in PEM form/ }.each do |ca_file, message|
        org_at(url, tls, settings: { ca_file: }) do |salesforce|
          expect { read(:serial) }.to raise_error(CrmSync::ConfigurationError, message)
          expect(salesforce.requests).to be_empty
        end
      end
    end
  end

  describe "a proxy" do
    # A name that nobody can look up, so that there is no way but the proxy's.
    let(:url) { "https://org.example.test" }
    let(:identity) { Relay::Identity.new }
    let(:settings) { { ca_file: file(identity.pem) } }
    let(:tls) { relay(tls: identity) }

    def behind(port, **variables, &)
      environment(HTTPS_PROXY: "http://127.0.0.1:#{port}", **variables) do
        org_at(url, tls, settings:, &)
      end
    end

    it "is taken from the environment" do
      proxy = relay(proxy: true).to("https://127.0.0.1:#{tls.port}")
      behind(proxy.port) do
        expect(%i[serial parallel bulk].map { |way| sorted(read(way)) }).to all(eq(rows_of(30)))
        expect(proxy.asked.uniq).to eq(["org.example.test:443"])
      end
    end

    it "is named when it refuses" do
      proxy = relay(proxy: 407)
      behind(proxy.port) do |salesforce|
        expect_failure(salesforce, remote, { status: nil, attempts: 3 }, /no connection; .*proxy \(HTTPS.*NO_PROXY/,
                       requests: 0) do
          read(:serial)
        end
        expect(proxy.asked).to all(eq("org.example.test:443"))
      end
    end

    it "is named when it is not there" do
      gone = relay
      port = gone.port
      gone.close
      behind(port) do |salesforce|
        expect_failure(salesforce, remote, { status: nil, attempts: 3 }, /no connection; .*proxy \(HTTPS.*NO_PROXY/,
                       requests: 0) do
          read(:serial)
        end
      end
    end

    it "tells nobody the password that its address has" do
      environment(HTTPS_PROXY: "http://me:#{Simulated::SECRET}@127.0.0.1:1") do
        org_at(url, tls, settings:) do |salesforce|
          expect_failure(salesforce, remote, { attempts: 3 }, /proxy/, requests: 0) { read(:serial) }
        end
      end
    end

    it "is left out for hosts that NO_PROXY names, and for this machine" do
      proxy = relay(proxy: true).to("https://127.0.0.1:#{tls.port}")
      behind(proxy.port, NO_PROXY: "example.test") do |salesforce|
        expect_failure(salesforce, remote, { status: nil, attempts: 3 }, /no connection/, requests: 0) { read(:serial) }
      end
      environment(HTTPS_PROXY: "http://127.0.0.1:#{proxy.port}", HTTP_PROXY: "http://127.0.0.1:#{proxy.port}") do
        org { expect(read(:serial)).to eq(rows_of(30)) }
      end
      expect(proxy.asked).to be_empty
    end
  end

  describe "IPv6" do
    before do
      TCPServer.open("::1", 0, &:close)
    rescue SystemCallError => e
      skip "this machine has no IPv6 loopback: #{e.message}"
    end

    it "is spoken, with TLS and without" do
      plain = relay(host: "::1")
      org_at("http://[::1]:#{plain.port}", plain) { expect(read(:parallel).size).to eq(30) }
      identity = Relay::Identity.new
      tls = relay(host: "::1", tls: identity)
      org_at("https://[::1]:#{tls.port}", tls, settings: { ca_file: file(identity.pem) }) do
        expect(read(:parallel).size).to eq(30)
      end
    end
  end
end
