# frozen_string_literal: true

# A callback of the host's may fork without a block, and so return in two processes. The child gets an error instead of
# waiting for threads that it does not have; its parent goes on.
RSpec.describe CrmSync::Native do
  # The code before and after that of an example. `split` forks, once; both processes say how it went for them.
  before_it = <<~'RUBY'
    $parent = Process.pid
    def split
      return if $split
      $split = true
      $child = fork
    end
    def said(text)
      name = Process.pid == $parent ? "parent" : "child"
      File.open(ENV.fetch("SAID"), "a") { |file| file.puts "#{name}: #{text}" }
    end
    logger = Logger.new(nil)
    logger.define_singleton_method(:warn) { |*| split }
    CrmSync.configuration.logger = logger
    records = { "Contact" => Array.new(6) { |n| { "Id" => format("003%012dAAA", n + 1), "Email" => "a#{n}@b.edu" } } }
    organizations = Array.new(6) { |n| { "id" => n + 1, "name" => "N#{n + 1}" } }
  RUBY
  after_it = <<~'RUBY'
    rescue CrmSync::InternalError => e
      said(e.message[/cannot go on in a fork|is over/] || e.message)
    rescue SystemExit
      said("left")
    end
    GC.start
    if Process.pid == $parent
      Process.wait($child)
      said("the child ended with #{$?.exitstatus}")
      salesforce.stop
      zendesk.stop
    end
  RUBY

  define_method(:in_both) do |code, faults: "[]", zendesk_faults: "[]"|
    said = File.join(scratch, "said")
    result = native(<<~RUBY)
      ENV["SAID"] = #{said.dump}
      #{before_it}
      salesforce = CrmSync::Testing::Salesforce.start(records:, page_size: 2, faults: #{faults})
      zendesk = CrmSync::Testing::Zendesk.start(organizations:, page_size: 2, clock_speed: 1000, faults: #{zendesk_faults})
      begin
        #{code}
      #{after_it}
    RUBY
    File.exist?(said) ? File.readlines(said, chomp: true).sort : raise(result.stderr)
  end

  trouble = '[{ on: :query, times: 1, answer: { error: { status: 500, code: "UNKNOWN_EXCEPTION" } } }]'
  refused = "child: cannot go on in a fork"
  ended = "parent: the child ended with 0"

  it "tells a child that was forked in a log line" do
    code = 'said CrmSync::Salesforce.client.query("SELECT Id FROM Contact").to_a.size'
    expect(in_both(code, faults: trouble)).to eq(["parent: 6", "parent: the child ended with 1"])
  end

  it "lets a child leave that was forked in a log line" do
    code = 'logger.define_singleton_method(:warn) { |*| split; exit if Process.pid != $parent }
            said CrmSync::Salesforce.client.query("SELECT Id FROM Contact").to_a.size'
    expect(in_both(code, faults: trouble)).to eq(["parent: 6", ended])
  end

  it "tells a child that was forked in a session store" do
    code = 'store = CrmSync::Internal::SessionMemory.new
            store.define_singleton_method(:read) { |_| split; nil }
            settings = CrmSync::Salesforce.settings(:default)
            settings.sessions.instance_variable_set(:@store, store)
            said CrmSync::Salesforce.client.query("SELECT Id FROM Contact").to_a.size'
    expect(in_both(code)).to eq([refused, "parent: 6", ended])
  end

  it "tells a child that was forked in a trap handler" do
    code = 'trap("USR1") { split }
            Thread.new do
              Thread.pass until Thread.main.backtrace.grep(/next\'\z/).any?
              Process.kill(:USR1, $parent)
            end
            said CrmSync::Salesforce.client.query("SELECT Id FROM Contact").to_a.size'
    slow = "[{ on: :query, times: 1, answer: { slow_body_ms: 200 } }]"
    expect(in_both(code, faults: slow)).to eq([refused, "parent: 6", ended])
  end

  it "tells a child that was forked in the block of a query" do
    code = 'rows = 0
            CrmSync::Salesforce.client.query("SELECT Id FROM Contact", by: :serial).each { |_| split; rows += 1 }
            said rows'
    expect(in_both(code)).to eq([refused, "parent: 6", ended])
  end

  it "tells a child that takes more from an Enumerator of its parent's" do
    code = 'rows = CrmSync::Salesforce.client.query("SELECT Id FROM Contact", by: :serial)
            rows.next
            split
            5.times { rows.next }
            said "six rows"'
    expect(in_both(code)).to eq([refused, "parent: six rows", ended])
  end

  it "tells a child that was forked in a list of organizations" do
    code = 'rows = 0
            CrmSync::Zendesk.client.organizations.each { |_| split; rows += 1 }
            said rows'
    expect(in_both(code)).to eq([refused, "parent: 6", ended])
  end

  it "tells a child that was forked while rows are written" do
    unavailable = "[{ on: :update_many, times: 1, answer: { unavailable: { retry_after: 1 } } }]"
    code = 'ends = CrmSync::Zendesk.client.update_many(organizations.map { |row| { id: row["id"], notes: "x" } })
            said ends.inspect'
    ends = ["parent: [nil, nil, nil, nil, nil, nil]", "parent: the child ended with 1"] # it was forked in a log line
    expect(in_both(code, zendesk_faults: unavailable)).to eq(ends)
  end

  it "lets a child use an index in which its parent looks many up" do
    code = <<~'RUBY'
      addresses = Array.new(50_000) { |number| "a#{number}@b.edu" }
      index = CrmSync::EmailIndex.new.add_all(addresses, addresses)
      looking = Thread.new { 10.times { index.match_all(addresses) } }
      Thread.pass until looking.status == "sleep" || !looking.alive?
      split
      looking.join if Process.pid == $parent
      said [index.add("k", "k@b.edu").match("K@b.edu").key, index.match_all(addresses).keys == addresses].inspect
    RUBY
    expect(in_both(code)).to eq(['child: ["k", true]', 'parent: ["k", true]', ended])
  end

  it "lets a child use what its parent has: an index, a client, and the address of a simulator" do
    code = 'index = CrmSync::EmailIndex.new.add("k", "a@b.edu")
            client = CrmSync::Salesforce.client
            client.limits
            split
            said [index.match(["A@b.edu"]).key, client.query("SELECT Id FROM Contact").to_a.size].inspect
            salesforce.requests'
    said = in_both(code.sub("salesforce.requests", "(salesforce.requests rescue said $!.message)"))
    expect(said).to contain_exactly('child: ["k", 6]', 'parent: ["k", 6]', ended,
                                    "child: the simulator runs in the process that started it")
  end
end
