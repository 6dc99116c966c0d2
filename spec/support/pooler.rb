# frozen_string_literal: true

require "socket"

# A pooler between a client and the spec's PostgreSQL, as PgBouncer is one: it has a few sessions, and gives a client
# one of them for each transaction, always the one that has waited longest; or, in session mode, until the client
# leaves. After each transaction it looks at what is left in the session.
#
#   pooler = Pooler.new(database_url, sessions: 2)
#   PG.connect(pooler.url)
#   pooler.left   # => ["lock_timeout"]
class Pooler
  # What stays in a session when a transaction is over, but for what Rails sets whenever it connects, and for the
  # isolation, which each transaction has anew.
  LEFT = <<~SQL
    SELECT name FROM pg_settings WHERE source = 'session' AND name NOT IN
      ('client_encoding', 'client_min_messages', 'standard_conforming_strings', 'TimeZone', 'IntervalStyle',
       'transaction_isolation')
    UNION ALL SELECT locktype FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()
    UNION ALL SELECT 'prepared ' || statement FROM pg_prepared_statements
    UNION ALL SELECT 'cursor ' || name FROM pg_cursors WHERE statement NOT LIKE '%pg_cursors%'
    UNION ALL SELECT 'table ' || relname FROM pg_class WHERE relnamespace = pg_my_temp_schema()
  SQL
  # The numbers of the messages by which a client asks for encryption.
  ENCRYPTION = [80_877_103, 80_877_104].freeze
  private_constant :LEFT, :ENCRYPTION

  # @param url [String] as {Postgres.create_database} returns it
  # @param sessions [Integer] the number of sessions
  # @param mode [Symbol] +:transaction+ or +:session+
  def initialize(url, sessions:, mode: :transaction)
    @database, @folder = url.match(/\Apostgresql:(\w+)\?host=([^&]+)/).captures
    @mode = mode
    @left = Queue.new
    @free = Queue.new
    sessions.times { @free << session }
    @server = TCPServer.new("127.0.0.1", 0)
    @threads = [Thread.new { accept }]
  end

  # @return [String] the URL for Rails
  def url = "postgresql://crm@127.0.0.1:#{@server.local_address.ip_port}/#{@database}?prepared_statements=false"

  # @return [Integer] the number of clients that have come
  def clients = @threads.size - 1

  # @return [Array<String>] what transactions have left in sessions since the last call
  def left = Array.new(@left.size) { @left.pop }.uniq

  def close
    @server.close
    @threads.each { |thread| thread.kill.join }
    @free.pop.close until @free.empty?
  end

  private

  def accept
    loop do
      client = @server.accept
      client.setsockopt(:TCP, :NODELAY, true) # or each message would wait for the confirmation of the one before
      @threads << Thread.new { serve(client) }
    end
  rescue IOError
    nil # the server is closed
  end

  # Opens a session of PostgreSQL.
  def session
    socket = UNIXSocket.new(File.join(@folder, ".s.PGSQL.5432"))
    text = "user\0crm\0database\0#{@database}\0\0"
    socket.write([text.bytesize + 8, 196_608].pack("NN"), text)
    @greeting = answers(socket).reject { |(type)| type == "K" }
    socket
  end

  def serve(client)
    greet(client)
    loop { transaction(client) }
  rescue SystemCallError, IOError
    client.close
  end

  # Greets a client as PostgreSQL does, with a session number that none of the sessions has.
  def greet(client)
    client.write("N") while ENCRYPTION.include?(startup(client))
    number = ["K", [12, 1_000_000_000, 1].pack("NNN")].join
    *parameters, ready = @greeting.map(&:join)
    client.write(*parameters, number, ready)
  end

  def startup(client)
    size = client.read(4).to_s.unpack1("N") or raise EOFError
    client.read(size - 4).unpack1("N")
  end

  def transaction(client)
    first = client.readpartial(65_536)
    raise EOFError if first.start_with?("X")

    session = @free.pop
    begin
      relay(client, session, first)
    ensure
      give_back(session)
    end
  end

  # Passes bytes on until the transaction is over.
  def relay(client, session, bytes)
    session.write(bytes)
    loop do
      ready, = IO.select([client, session])
      session.write(client.readpartial(65_536)) if ready.include?(client)
      next unless ready.include?(session)

      type, body = message(session)
      client.write(type, body)
      break if type == "Z" && body.end_with?("I") && @mode == :transaction
    end
  end

  def give_back(session)
    text = "#{LEFT}\0"
    session.write("Q", [text.bytesize + 4].pack("N"), text)
    answers(session).each { |type, body| @left << body.byteslice(10..) if type == "D" }
    @free << session
  end

  # Returns the messages of a session up to the one that says that it is ready.
  def answers(session)
    found = [message(session)]
    found << message(session) until found.last.first == "Z"
    found
  end

  # Returns the type of the next message, and its bytes with their number in front.
  def message(session)
    type = session.read(1) or raise EOFError
    size = session.read(4)
    [type, size + session.read(size.unpack1("N") - 4)]
  end
end
