# frozen_string_literal: true

require "socket"
require "uri"

# Stands between a client and a simulator, and tells of each exchange: before a request goes on, and before its answer
# does. It is closed when its example ends.
class HttpRelay
  HEAD_END = "\r\n\r\n"

  # @param on_moment [#call] is given a text; what it does, holds the exchange up
  def initialize(&on_moment)
    @server = TCPServer.new("127.0.0.1", 0)
    @on_moment = on_moment
    @threads = Queue.new
    @threads << Thread.new { accept }
  end

  # Where to; it is told late, as the simulator has to know our address before it has one.
  def to(url)
    @target = [URI(url).hostname, URI(url).port]
  end

  def url
    "http://127.0.0.1:#{@server.local_address.ip_port}"
  end

  def close
    @server.close unless @server.closed?
    @threads.pop.kill.join until @threads.empty?
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

  def serve(client)
    there = TCPSocket.new(*@target)
    while (request = message(client))
      name = request[/\A(\S+ [^ ?]+)/, 1]
      @on_moment.call("before #{name}")
      there.write(request)
      answer = message(there) or break
      @on_moment.call("after #{name}")
      client.write(answer)
    end
  rescue SystemCallError, IOError
    nil # the affair of the two ends
  ensure
    [client, there].compact.each(&:close)
  end

  # A whole message: head and body. Clients and simulators of ours tell the length.
  def message(socket)
    head = socket.gets(HEAD_END) or return
    raise IOError, "chunked" if head.match?(/^transfer-encoding:/i)

    head + socket.read(head[/^content-length: *(\d+)/i, 1].to_i)
  end
end
