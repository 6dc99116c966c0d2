# frozen_string_literal: true

require_relative "relay"

# Stands between a client and a simulator, and tells of each exchange: before a request goes on, and before its answer
# does. It is closed when its example ends.
class HttpRelay < Relay
  HEAD_END = "\r\n\r\n"

  # @param on_moment [#call] is given a text; what it does, holds the exchange up
  def initialize(&on_moment)
    @on_moment = on_moment
    super()
  end

  def url
    "http://127.0.0.1:#{port}"
  end

  private

  def serve(client)
    there = TCPSocket.new(*@target)
    while (request = message(client)) && (answer = answer_to(request, there))
      client.write(answer)
    end
  rescue SystemCallError, IOError
    nil # the affair of the two ends
  ensure
    [client, there].compact.each(&:close)
  end

  # The answer to a request, as text; nil ends the connection.
  def answer_to(request, there)
    name = request[/\A(\S+ [^ ?]+)/, 1]
    @on_moment.call("before #{name}")
    answer = pass(request, there)
    @on_moment.call("after #{name}") if answer
    answer
  end

  def pass(request, there)
    there.write(request)
    message(there)
  end

  # A whole message: head and body. Clients and simulators of ours tell the length.
  def message(socket)
    head = socket.gets(HEAD_END) or return
    raise IOError, "chunked" if head.match?(/^transfer-encoding:/i)

    head + socket.read(head[/^content-length: *(\d+)/i, 1].to_i)
  end
end
