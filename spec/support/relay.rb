# frozen_string_literal: true

require "openssl"
require "socket"
require "uri"

# Something between the client and the simulator, with threads of its own: the end of a TLS connection, a proxy, or only
# another address. It passes on bytes, and is closed when its example ends.
class Relay
  # @param host [String] the address at which it listens
  # @param tls [Relay::Identity, nil] with which it ends TLS
  # @param proxy [Boolean, Integer] whether it is a proxy that wants CONNECT; a number is what it answers instead
  def initialize(host: "127.0.0.1", tls: nil, proxy: false)
    @server = TCPServer.new(host, 0)
    @tls = tls
    @proxy = proxy
    @asked = Queue.new
    @threads = Queue.new
    @threads << Thread.new { accept }
  end

  # Sets the target, which may be told late, as the simulator has to know our port before it has one.
  # @param url [String]
  def to(url)
    @target = [URI(url).hostname, URI(url).port]
    self
  end

  def port
    @server.local_address.ip_port
  end

  # @return [Array<String>] the hosts that a proxy was asked for, one for each connection
  def asked
    Array.new(@asked.size) { @asked.pop.tap { |host| @asked << host } }
  end

  def close
    @server.close unless @server.closed?
    @threads.pop.kill.join until @threads.empty?
  end

  # A key with a certificate that it signed itself, as PEM in a file.
  class Identity
    attr_reader :context, :pem

    # @param names [Array<String>] such as "DNS:localhost"
    # @param authority [Boolean] whether it says of itself that it may sign others, as `openssl req -x509` has it
    # @param days [Range<Integer>] when it is valid, in days from now
    def initialize(names: %w[DNS:localhost IP:127.0.0.1 IP:::1 DNS:org.example.test], authority: false, days: -1..1)
      key = OpenSSL::PKey::EC.generate("prime256v1")
      certificate = sign(key, names, authority, days)
      @pem = certificate.to_pem
      @context = OpenSSL::SSL::SSLContext.new.tap { |context| context.add_certificate(certificate, key) }
    end

    private

    def sign(key, names, authority, days)
      OpenSSL::X509::Certificate.new.tap do |made|
        made.version = 2 # which is the third
        made.serial = 1
        made.subject = made.issuer = OpenSSL::X509::Name.parse("/CN=crm_sync spec")
        made.public_key = key
        made.not_before, made.not_after = days.minmax.map { |day| Time.now + (day * 86_400) }
        extend_with(made, "subjectAltName" => names.join(","), "basicConstraints" => "CA:#{authority.to_s.upcase}")
        made.sign(key, OpenSSL::Digest.new("SHA256"))
      end
    end

    def extend_with(certificate, extensions)
      factory = OpenSSL::X509::ExtensionFactory.new
      extensions.each { |name, value| certificate.add_extension(factory.create_extension(name, value)) }
    end
  end

  private

  def accept
    loop do
      socket = @server.accept
      @threads << Thread.new { serve(socket) }
    end
  rescue IOError
    nil # closed
  end

  # Errors of a connection are the affair of its two ends.
  def serve(socket)
    socket = OpenSSL::SSL::SSLSocket.new(socket, @tls.context).tap { |tls| tls.sync_close = true }.accept if @tls
    return unless connected?(socket)

    target = TCPSocket.new(*@target)
    there = Thread.new { copy(socket, target) }
    copy(target, socket)
  rescue SystemCallError, IOError, OpenSSL::SSL::SSLError
    nil
  ensure
    there&.kill&.join
    [socket, target].compact.each(&:close)
  end

  def connected?(socket)
    return true unless @proxy

    line = socket.gets
    nil until socket.gets.strip.empty?
    @asked << line.split[1]
    status = @proxy == true ? "200 Connection established" : "#{@proxy} No"
    socket.write("HTTP/1.1 #{status}\r\n\r\n")
    @proxy == true
  end

  def copy(from, into)
    loop { into.write(from.readpartial(64 * 1024)) }
  rescue SystemCallError, IOError, OpenSSL::SSL::SSLError
    nil
  end
end
