# frozen_string_literal: true

require "spec_helper"
require "crm_sync"

RSpec.describe CrmSync::EmailIndex do
  subject(:index) { described_class.new }

  it "matches by any address of a key, in any spelling" do
    index.add(:ann, "ann@b.edu", nil, "Ann@home.example").add([:bob], "bob@b.edu")
    expect(index.match([" ANN@HOME.example", "nobody@b.edu"]).key).to eq(:ann)
    expect(index.match(["bob@b.edu"]).key).to eq([:bob])
    expect(index.match([nil, ""])).to have_attributes(outcome: :none, key: nil)
  end

  it "closes keys that claim a contested address, in whatever order they came" do
    claims = [[:a, "office@b.edu"], [:b, "Office@b.edu"], [:b, "bob@b.edu"], [:c, "carl@b.edu"]]
    claims.permutation.first(8).each do |order|
      index = described_class.new
      order.each { |key, address| index.add(key, address) }
      expect(index.contested.transform_values(&:sort)).to eq("office@b.edu" => %i[a b])
      expect(index.match(["bob@b.edu"])).to have_attributes(outcome: :closed, key: nil)
      expect(index.match(["office@b.edu"]).outcome).to eq(:contested)
      expect(index.match(["carl@b.edu"]).key).to eq(:c)
    end
  end

  it "tells of several" do
    index.add(1, "a@b.edu").add(2, "b@b.edu")
    expect(index.match(%w[a@b.edu b@b.edu])).to have_attributes(outcome: :several, keys: [1, 2], key: nil)
  end

  it "shows nobody's address" do
    expect(index.add(1, "ann@b.edu").inspect).not_to include("ann")
  end

  it "knows a key again as a Hash does" do
    same = [["k", "k".dup.force_encoding("ISO-8859-1")], [1, 1], [2**70, 2**70], %i[k k], [%w[a b], %w[a b]],
            ["\u00e9", "\u00e9".dup], ["\xe9".b, "\xe9".b], ["", "".encode("UTF-16LE")]]
    other = [["1", 1], [1, 1.0], [:k, "k"], ["\u00e9", "\u00e9".b], ["k", "k".encode("UTF-16LE")], [nil, false]]
    outcome = lambda do |keys|
      index = described_class.new
      keys.each { |key| index.add(key, "a@b.edu") }
      index.match("a@b.edu").outcome
    end
    expect([same, other].map { |pairs| pairs.map { |one, two| one.eql?(two) }.uniq }).to eq([[true], [false]])
    expect([same, other].map { |pairs| pairs.map(&outcome).uniq }).to eq([[:one], [:contested]])
  end

  it "keeps a key as it was when it was added" do
    key = +"k"
    index.add(key, "a@b.edu")
    key << "!"
    index.add("k", "a@b.edu")
    expect(index.match("a@b.edu").outcome).to eq(:one)
  end

  # A key whose +hash+ may do anything in between, as those that are written in Ruby can.
  key = Struct.new(:name, :deed) do
    def hash
      asked
      name.hash
    end

    def asked
      deed&.call(@times = @times.to_i + 1)
    end

    def eql?(other)
      name == other.name
    end
  end

  it "takes no key for another that is added while its hash is asked" do
    index.add(key.new(:zoe), "zoe@b.edu")
    index.add(key.new(:ann, ->(time) { index.add(key.new(:bob), "bob@b.edu") if time > 1 }), "ann@b.edu")
    expect(index.match_all(%w[ann@b.edu bob@b.edu]).keys.map(&:name)).to eq(%i[ann bob])
  end

  it "takes a key that two threads add at once for one" do
    other = nil
    meanwhile = lambda do |time|
      next unless time == 3 # where it is given its number

      other = Thread.new { index.add(key.new(:ann), "ann@b.edu") }
      Thread.pass until other.stop? # it has added it, or waits
    end
    index.add(key.new(:zoe), "zoe@b.edu")
    index.add(key.new(:ann, meanwhile), "ann@b.edu")
    other.join
    expect(index.match("ann@b.edu")).to have_attributes(outcome: :one, keys: [have_attributes(name: :ann)])
  end

  it "is another one when it is copied, and takes no more when it is frozen" do
    index.add_all([1, :two], ["a@b.edu", "b@b.edu"])
    copies = [index.dup, index.clone, index.dup.freeze]
    index.add(:two, "c@b.edu").add(:new, "a@b.edu")
    copies.first(2).each { |copy| copy.add(:two, "d@b.edu").add_all([:other], ["e@b.edu"]) }
    expect(copies.map { |copy| copy.match_all(%w[a@b.edu b@b.edu c@b.edu d@b.edu e@b.edu]).keys })
      .to eq([[1, :two, nil, :two, :other], [1, :two, nil, :two, :other], [1, :two, nil, nil, nil]])
    expect(index.match_all(%w[a@b.edu c@b.edu d@b.edu e@b.edu]).outcomes).to eq(%i[contested one none none])
    [-> { copies.last.add(1, "f@b.edu") }, -> { copies.last.add_all([1], ["f@b.edu"]) }].each do |add|
      expect(&add).to raise_error(FrozenError, "can't modify frozen CrmSync::EmailIndex")
    end
  end

  it "gives the keys of a match to whoever asks for them, as they were" do
    matches = index.add(1, "a@b.edu").add(2, "b@b.edu").match_all([%w[a@b.edu b@b.edu], "b@b.edu"])
    matches.each { |match| match.keys.clear }
    expect(matches.map(&:keys)).to eq([[1, 2], [2]])
  end

  it "notes nothing of a call that it refuses" do
    expect { index.add(1, "a@b.edu", 2) }.to raise_error(TypeError, "an address must be a String, not Integer")
    expect { index.add_all([1, 2], ["a@b.edu", [:b]]) }.to raise_error(TypeError, /must be a String, not Symbol/)
    expect { index.add_all([1, 2], ["a@b.edu"]) }.to raise_error(ArgumentError, /2 keys and 1 addresses/)
    expect { index.add_all({ 1 => "a@b.edu" }, []) }.to raise_error(TypeError, "keys must be an Array, not Hash")
    expect { index.match_all("a@b.edu") }.to raise_error(TypeError, "addresses must be an Array, not String")
    expect(index.match(["a@b.edu"]).outcome).to eq(:none)
    expect(index.inspect).to include("0 keys")
  end
end

# Many at once, beside one by one and beside a plain Ruby model of both.
RSpec.describe CrmSync::EmailIndex do
  # Finds the claims of addresses without an index.
  model = Class.new do
    def initialize
      @claims = Hash.new { |claims, key| claims[key] = [] }
    end

    def add(key, *addresses)
      @claims[key].concat(normalized(addresses))
    end

    def match(addresses)
      asked = normalized([addresses])
      outcome = outcome(asked, keys = claiming(asked))
      [outcome, outcome == :contested ? claiming(asked & contested) : keys]
    end

    private

    def claiming(asked)
      @claims.select { |_, claimed| (claimed & asked).any? }.keys
    end

    def outcome(asked, keys)
      return :none if keys.empty?
      return :contested if (asked & contested).any?
      return :several if keys.size > 1

      (@claims[keys.first] & contested).any? ? :closed : :one
    end

    def contested
      @claims.values.flat_map(&:uniq).tally.select { |_, count| count > 1 }.keys
    end

    def normalized(addresses)
      addresses.flatten.filter_map { |text| CrmSync::Email.normalize(text) }
    end
  end

  spellings = ["ann@b.edu", "ANN@B.edu", " ann@b.edu\t", "\u00a0bob@b.edu\u3000", "bob@b.edu", "", " \v", nil,
               "a\0@b.edu", "a\xff@b.edu", "\xff@b.edu".b, "cy@b\u00fccher.example", "CY@B\u00dcCHER.example",
               "cy@xn--bcher-kva.example", "\u212a@b.edu", "k@b.edu", "office@b.edu",
               "j\xf6rg@b.edu".dup.force_encoding("ISO-8859-1"), "j\u00f6rg@b.edu",
               "dee@b.edu".encode("UTF-16LE"), "dee@b.edu".b, "no-at-sign", "@", "eve@b.edu\u0085"]
  keys = [1, 2, "1", "003A", :a, nil, [1], 2.5, 2**70, "\u00fc"]

  define_method(:some_addresses) do |random|
    case random.rand(4)
    when 0 then Array.new(random.rand(4)) { spellings.sample(random:) }
    when 1 then [[spellings.sample(random:)], spellings.sample(random:)]
    else spellings.sample(random:)
    end
  end

  it "says of many what it says of one, and what is so" do
    random = Random.new(RSpec.configuration.seed)
    200.times do
      claims = Array.new(random.rand(1..12)) { [keys.sample(random:), some_addresses(random)] }
      asked = Array.new(random.rand(12)) { some_addresses(random) }
      at_once, one_by_one, plain = [described_class, described_class, model].map(&:new)
      claims.each_slice(5) { |some| at_once.add_all(*some.transpose) }
      [one_by_one, plain].each { |index| claims.each { |key, addresses| index.add(key, *addresses) } }
      matches = at_once.match_all(asked)
      expect(matches.map(&:to_a)).to eq(asked.map { |addresses| one_by_one.match(addresses).to_a })
      expect(matches.map { |match| [match.outcome, match.keys.to_set] })
        .to eq(asked.map { |addresses| plain.match(addresses) }.map { |outcome, found| [outcome, found.to_set] })
      expect([matches.outcomes, matches.keys]).to eq([matches.map(&:outcome), matches.map(&:key)])
      expect(at_once.contested).to eq(one_by_one.contested)
    end
  end
end

# Many at once, of which there are so many that other threads do the work.
RSpec.describe CrmSync::EmailIndex do
  subject(:index) { described_class.new }

  many = 20_000
  addresses = Array.new(many) { |number| " Person#{number}@B.edu" }

  it "finds each of very many" do
    index.add_all((0...many).to_a, addresses).add(0, addresses.last)
    matches = index.match_all(addresses.reverse)
    expect(matches.keys).to eq([nil, *(1..many - 2).to_a.reverse, nil])
    expect(matches.outcomes.tally).to eq(one: many - 2, contested: 1, closed: 1)
    expect([matches[0].keys, matches[-1].keys, matches[many]]).to eq([[0, many - 1], [0], nil])
    expect(matches.inspect).to eq("#<CrmSync::EmailIndex::Matches 1 contested, 19998 one, 1 closed>")
  end

  it "can be added to while another thread looks up" do
    index.add_all((0...many).to_a, addresses)
    looking = Thread.new { Array.new(5) { index.match_all(addresses).keys } }
    added = (many...many + 50).each { |key| index.add(key, "new#{key}@b.edu") && Thread.pass }
    expect(looking.value).to eq([(0...many).to_a] * 5)
    expect(index.match_all(added.map { |key| "new#{key}@b.edu" }).keys).to eq(added.to_a)
  end

  it "is interrupted, and goes on to work" do
    rounds = Queue.new
    thread = Thread.new { loop { rounds << index.add_all((0...many).to_a, addresses).match_all(addresses) } }
    rounds.pop # it is under way
    expect(thread.kill.join(30)).to be(thread)
    expect(index.add_all((0...many).to_a, addresses).match_all(addresses).keys).to eq((0...many).to_a)
  end
end
