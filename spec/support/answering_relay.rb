# frozen_string_literal: true

require "json"
require_relative "http_relay"

# Stands between a client and a simulator, and gives answers of its example's in the simulator's place: whatever a
# service, or something on the way to it, may say. It is closed when its example ends.
class AnsweringRelay < HttpRelay
  Request = Struct.new(:text) do
    def path = text[/\A\S+ ([^ ?]+)/, 1]

    # @return [Boolean] whether rows are written
    def write? = path.end_with?("/composite/sobjects")

    # @return [Array<Hash>]
    def rows = JSON.parse(text.partition(HEAD_END).last).fetch("records")
  end

  # @yieldparam request [Request]
  # @yieldparam pass [Proc] has the simulator answer, and gives its answer as text
  # @yieldreturn [String, Array(Integer, Object, Hash), Symbol, nil] the answer, as text or as its status, body and
  #   headers; +:reset+ where the connection ends without one, and nil for the simulator's
  def initialize(&answer)
    @answer = answer
    @requests = Queue.new
    super {} # rubocop:disable Lint/EmptyBlock -- it hears of moments, which nobody wants to know of here
  end

  # @return [Array<Integer>] the numbers of rows of all writes so far
  def writes
    Array.new(@requests.size) { @requests.pop.tap { |request| @requests << request } }.select(&:write?)
         .map { |request| request.rows.size }
  end

  private

  def answer_to(text, there)
    @requests << (request = Request.new(text))
    pass = -> { pass(text, there) }
    case answer = @answer.call(request, pass) || pass.call
    when :reset then nil
    when Array then written(*answer)
    else answer
    end
  end

  def written(status, body, headers = {})
    body = body.is_a?(String) ? body : JSON.generate(body)
    headers = { "Content-Length" => body.bytesize, **headers }.map { |name, value| "#{name}: #{value}\r\n" }
    "HTTP/1.1 #{status} X\r\n#{headers.join}\r\n#{body}"
  end
end
