# frozen_string_literal: true

require "active_support"
require "active_support/core_ext/string/output_safety"
require "active_support/time"
require "uri"
require "crm_sync/salesforce/soql"

RSpec.describe CrmSync::Salesforce::Soql do
  def bind(...)
    described_class.bind(...)
  end

  def encoded(query)
    URI.encode_www_form_component(query).bytesize
  end

  def ids(count)
    Array.new(count) { |n| format("003%015d", n) }
  end

  # Independent of the code under test: what stands in the one list of quoted elements.
  def listed(query)
    query[/ IN \((.*?)\)( AND |\z)/m, 1].scan(/'((?:[^'\\]|\\.)*)'/m).flatten.map { |text| text.gsub(/\\(.)/, '\1') }
  end

  describe ".quote" do
    {
      "O'Neil \\ Sons" => "'O\\'Neil \\\\ Sons'", "\\'" => "'\\\\\\''", "" => "''", "Zoë" => "'Zoë'", ann: "'ann'",
      "\n\t\r\b\f" => "'\\n\\t\\r\\b\\f'", 7 => "7", -7 => "-7", (10**30) => (10**30).to_s, 1.5 => "1.5",
      1e20 => "100000000000000000000.0", 1e-7 => "0.0000001", BigDecimal("1e-3") => "0.001", true => "true",
      false => "false", nil => "null", Date.new(2022, 2, 4) => "2022-02-04",
      Time.new(2022, 2, 24, 1, 2, 3.25r, "+02:00") => "2022-02-23T23:02:03.250Z",
      DateTime.new(2022, 2, 24, 1, 2, 3, "-05:00") => "2022-02-24T06:02:03.000Z",
      ActiveSupport::TimeZone["Tokyo"].local(2022, 2, 24, 9) => "2022-02-24T00:00:00.000Z",
      [1, "a", nil, 1, :a] => "(1,'a',null)", "it's".html_safe => "'it\\'s'", "x".b => "'x'",
      "\xE9".dup.force_encoding("ISO-8859-1") => "'é'"
    }.each do |value, quoted|
      it "writes #{value.inspect} (#{value.class}) as #{quoted}" do
        expect(described_class.quote(value)).to eq(quoted).and be_an_instance_of(String)
      end
    end

    [Object.new, {}, 1r, 1..2, Float::NAN, -Float::INFINITY, BigDecimal("NaN"), [], [[1]], "\xFF", "\xFF".b,
     [Object.new], 3.days].each do |value|
      it "refuses #{value.inspect} (#{value.class})" do
        expect { described_class.quote(value) }.to raise_error(ArgumentError)
      end
    end

    it "tells nobody's value" do
      [{ "ann@b.edu" => 1 }, "ann@b.edu\xFF", ["ann@b.edu", [1]]].each do |value|
        expect { described_class.quote(value) }.to raise_error(ArgumentError, /\A[^@]*\z/)
      end
    end
  end

  describe ".bind" do
    it "puts values where their names are" do
      query = "SELECT Id FROM Contact WHERE Name = :name AND Age__c>:age AND (Id IN :ids) AND Name != :name"
      expect(bind(query, name: "O'Neil", age: 3, ids: %w[a b a]))
        .to eq(["SELECT Id FROM Contact WHERE Name = 'O\\'Neil' AND Age__c>3 AND (Id IN ('a','b')) " \
                "AND Name != 'O\\'Neil'"])
    end

    [
      "SELECT Id FROM C WHERE A = ':a'", "SELECT Id FROM C WHERE A = 'it\\'s :a'",
      "SELECT Id FROM C WHERE A = '\\\\' AND B=''",
      "SELECT Id FROM C WHERE D > 2022-02-24T00:00:00Z", "SELECT Id FROM C WHERE D > 2022-02-24T00:00:00+01:00",
      "SELECT Id FROM C WHERE D = LAST_N_DAYS:30", "SELECT Id FROM C WHERE D = LAST_N_DAYS:n AND x:y", ""
    ].each do |query|
      it "sees no name in #{query}" do
        expect(bind(query)).to eq([query])
      end
    end

    it "does not look for names in values, nor let a value end its quotes" do
      expect(bind("A = :a AND B = :b", a: ":b", b: "' OR Name != '"))
        .to eq(["A = ':b' AND B = '\\' OR Name != \\''"])
    end

    it "takes a name to its end, and knows its case" do
      expect(bind("A = :ab AND B = :a_b AND C = :A", ab: 1, a_b: 2, A: 3)).to eq(["A = 1 AND B = 2 AND C = 3"])
    end

    it "names the name without a value and the value without a name" do
      expect { bind("A = :a AND B = :b", a: 1) }.to raise_error(ArgumentError, /:b, for which no value is given/)
      expect { bind("A = ':b'", b: 1) }.to raise_error(ArgumentError, /no :b outside of quotes/)
      expect { bind("A IN:b", b: [1]) }.to raise_error(ArgumentError, /no :b outside of quotes/)
    end

    it "wants quotes to be closed" do
      ["A = 'b", "A = 'b\\'", "'"].each { |query| expect { bind(query) }.to raise_error(ArgumentError, /not closed/) }
    end
  end

  describe "a list that is too long" do
    let(:query) { "SELECT Id, Email FROM Contact WHERE Email IN :list AND Name != 'x, (y) OR NOT'" }

    it "is split into queries that fit" do
      queries = bind(query, list: ids(2_000))
      expect(queries.map { |one| encoded(one) }).to all(be <= described_class::MAX_BYTES)
      expect(queries[..-2].map { |one| encoded(one) }).to all(be > described_class::MAX_BYTES - 27)
      expect(queries.flat_map { |one| listed(one) }).to eq(ids(2_000))
      expect(queries.map { |one| one.sub(/\(.*?\)/, ":list") }.uniq).to eq([query])
    end

    it "stays whole as long as it fits, to the byte" do
      rest = encoded(query) - encoded(":list") + encoded("()")
      fits = "x" * (described_class::MAX_BYTES - rest - encoded("''"))
      expect(bind(query, list: [fits]).map { |one| encoded(one) }).to eq([described_class::MAX_BYTES])
      expect { bind(query, list: ["#{fits}x"]) }.to raise_error(ArgumentError, /no room for one element of :list/)
      expect { bind(query, list: ["a", "#{fits}x"]) }.to raise_error(ArgumentError, /no room for one element of :list/)
    end

    25.times do |round|
      it "loses nothing and repeats nothing, whatever is in it (#{round})" do
        random = Random.new(RSpec.configuration.seed + round)
        letters = ["a", "B", "'", "\\", ",", "(", ")", " ", ":", "ü", "語", "😀", "*", "%", "&", "OR", ":list"]
        list = Array.new(random.rand(1..2_000)) { Array.new(random.rand(0..30)) { letters.sample(random:) }.join }
        queries = bind(query, list:)
        expect(queries.map { |one| encoded(one) }).to all(be <= described_class::MAX_BYTES)
        expect(queries.flat_map { |one| listed(one) }).to match_array(list.uniq)
      end
    end

    it "keeps together what Salesforce may take for equal, so that no row comes twice" do
      pairs = (0...900).map { |n| format("teacher%04d@b.edu", n) }
      queries = bind(query, list: pairs + pairs.map(&:upcase))
      expect(queries.size).to be > 1
      queries.each { |one| expect(listed(one).map(&:downcase).tally.values).to all(eq(2)) }

      short = (0...700).map { |n| format("003%012d", n) }
      mixed = bind(query, list: short + short.map { |id| "#{id}AAA" })
      mixed.each { |one| expect(listed(one).map { |id| id[0, 15] }.tally.values.uniq).to eq([2]) }
      lower = bind(query, list: short.map { |id| "#{id}aaa" } + short)
      lower.each { |one| expect(listed(one).map { |id| id[0, 15] }.tally.values.uniq).to eq([2]) }
    end

    it "is the longest of several" do
      queries = bind("SELECT Id FROM C WHERE A IN :few AND B IN :many", few: %w[a b], many: ids(1_000))
      expect(queries.size).to be > 1
      expect(queries).to all(start_with("SELECT Id FROM C WHERE A IN ('a','b') AND B IN ('003"))
    end

    it "is refused when it and the other lists are too long" do
      expect { bind("SELECT Id FROM C WHERE A IN :one AND B IN :two", one: ids(600), two: ids(600)) }
        .to raise_error(ArgumentError, /no room for one element/)
    end

    {
      "SELECT Id FROM C WHERE A NOT IN :list" => /has NOT/, "SELECT Id FROM C WHERE A IN :list OR B = 1" => /has OR/,
      "SELECT Id FROM C WHERE A IN :list LIMIT 5" => /has LIMIT/,
      "SELECT Id FROM C WHERE A IN :list\nlimit 5" => /has LIMIT/,
      "SELECT Id FROM C WHERE A IN :list OFFSET 5" => /has OFFSET/,
      "SELECT Id FROM C WHERE A IN :list ORDER  BY Id" => /has ORDER BY/,
      "SELECT A FROM C WHERE A IN :list GROUP BY A" => /has GROUP BY/,
      "SELECT count(Id) FROM C WHERE A IN :list" => /has an aggregate function/,
      "SELECT MAX (B) FROM C WHERE A IN :list" => /has an aggregate function/,
      "SELECT Id FROM C WHERE D IN (SELECT D FROM E WHERE A IN :list)" => /has a sub-query/,
      "SELECT Id FROM C WHERE A IN :list AND B IN :list" => /does not stand as IN :list, once/,
      "SELECT Id FROM C WHERE A INCLUDES :list" => /does not stand as IN :list/,
      "SELECT Id FROM C WHERE Join :list" => /does not stand as IN :list/
    }.each do |unsplittable, why|
      it "is refused, long or empty, in #{unsplittable.inspect}" do
        expect { bind(unsplittable, list: ids(1_000)) }.to raise_error(ArgumentError, why)
        expect { bind(unsplittable, list: []) }.to raise_error(ArgumentError, why)
        expect(bind(unsplittable, list: %w[a]).size).to eq(1)
      end
    end

    it "may stand beside names that only look like those words" do
      query = "SELECT Id, Or__c, Limit__c, Max__c FROM Order WHERE A IN :not AND Notes__c = :limit AND B='x OR y'"
      expect(bind(query, not: ids(1_000), limit: 1).size).to be > 1
    end

    it "gives no query when it is empty" do
      expect(bind("SELECT Id FROM C WHERE A IN :list AND B IN :other", list: [], other: ids(5_000))).to eq([])
    end

    it "has to be there for a query that is too long" do
      expect { bind("SELECT Id FROM C WHERE A = :text", text: "x" * 14_000) }
        .to raise_error(ArgumentError, /takes \d+ bytes .* no list to split/)
    end
  end
end
