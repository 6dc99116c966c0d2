# frozen_string_literal: true

require "spec_helper"
require "crm_sync"
require "set"

RSpec.describe CrmSync::Diff do
  def diff(left, right, fields = %w[v], key: "id")
    CrmSync.diff(left, right, key:, fields:)
  end

  def same?(before, after, kind = :any)
    diff([{ "id" => 1, "v" => before }], [{ "id" => 1, "v" => after }], { "v" => kind }).equal == 1
  end

  it "tells what only one side has, what differs, and how much is equal" do
    left = [{ "id" => "b", "v" => 1, "w" => "x" }, { "id" => "a", "v" => 1 }, { "id" => "e", "v" => nil }]
    right = [{ "id" => "c" }, { "id" => "b", "v" => 2, "w" => "x" }, { "id" => "e" }]
    found = diff(left, right, %w[v w])
    expect(found).to have_attributes(only_left: [left[1]], only_right: [right[0]], equal: 1, conflicts: [])
    expect(found.different.first).to have_attributes(key: "b", fields: { "v" => [1, 2] }, left: left[0],
                                                     right: right[1])
    expect(found.only_left.first).to equal(left[1])
    expect(found.to_s).to eq("1 only left, 1 only right, 1 different, 1 equal, 0 conflicts")
    expect(found.different.first.to_s).to eq("b  v: 1 → 2")
  end

  it "takes more records than Ruby takes arguments" do
    rows = Array.new(150_000) { |n| { "id" => n } }
    expect([diff(rows, []).only_left.size, diff([], rows).only_right.size]).to eq([rows.size] * 2)
    expect(diff(rows.map { rows[0] }, []).conflicts.first.left.size).to eq(rows.size)
  end

  describe "by meaning" do
    {
      any: [[nil, ""], ["", " \t"], [1, 1.0], [1, BigDecimal("1.00")], [:tag, "tag"], [" a", "a"], [[1, :a], [1, "a"]],
            [{ a: 1 }, { "a" => 1 }], [BigDecimal("0.1"), 0.1], [10**30, 1e30],
            [Time.utc(2022, 2, 24, 12), Time.new(2022, 2, 24, 13, 0, 0, "+01:00")],
            [Date.new(2022, 2, 24), "2022-02-24"], ["j\xF6rg".dup.force_encoding("ISO-8859-1"), "jörg"]],
      text: [[1, "1"], [true, "true"]],
      number: [["1.0", 1], [BigDecimal("12345678901234567890.123"), "12345678901234567890.123"],
               [BigDecimal("1e-500"), "1e-500"]],
      checkbox: [[nil, false], ["TRUE", true], [0, false]],
      date: [["2022-02-24T23:00:00+0000", Date.new(2022, 2, 24)], [Time.utc(2022, 2, 24, 12), "2022-02-24"],
             [DateTime.new(2022, 2, 24, 23, 0, 0, "-08:00"), "2022-02-24"]],
      drop_down: [%w[Open_Partner open_partner]]
    }.each do |kind, pairs|
      pairs.each do |one, other|
        it "takes #{one.inspect} and #{other.inspect} of the kind #{kind} for the same" do
          expect(same?(one, other, kind)).to be(true)
          expect(same?(other, one, kind)).to be(true)
        end
      end
    end

    {
      any: [[1, "1"], [nil, false], [nil, 0], %w[a A], [[1], [2]], [[nil], []], [(2**53) + 1, 2**53],
            [2**70, (2**70) + 1], [BigDecimal("0.10000000000000000001"), 0.1],
            [Time.at(0, 1, :nsec), Time.at(0, 2, :nsec)]],
      text: [%w[1 1.0]],
      number: [%w[n/a 0], [BigDecimal("12345678901234567890.123"), BigDecimal("12345678901234567890.124")]],
      checkbox: [[nil, true]],
      date: [[Date.new(2022, 2, 24), Date.new(2022, 2, 25)]],
      drop_down: [["open partner", "open_partner"]]
    }.each do |kind, pairs|
      pairs.each do |one, other|
        it "takes #{one.inspect} and #{other.inspect} of the kind #{kind} for different" do
          expect(same?(one, other, kind)).to be(false)
        end
      end
    end
  end

  it "gives values, names and keys back as they came" do
    time = Time.utc(2022, 2, 25)
    found = diff([{ id: 7, at: "2022-02-24" }], [{ "id" => "7", "at" => time }], { at: :date }, key: :id)
    expect(found.different.first).to have_attributes(key: 7, fields: { at: ["2022-02-24", time] })
    expect(found.different.first.fields[:at].last).to equal(time)
  end

  it "takes keys for text without white space around it, or numbers for their spelling" do
    keys = ->(one, other) { diff([{ id: one }], [{ id: other }], []).equal == 1 }
    expect([[1, "1"], [1.0, 1], [" a ", :a], [2**70, (2**70).to_s]]).to all(satisfy { |pair| keys[*pair] })
    expect(keys["a", "A"]).to be(false)
    # Ids of Salesforce are no more to it than text.
    expect(keys["0034C00000VaYfK", "0034C00000VaYfKQAV"]).to be(false)
  end

  it "follows paths into Hashes, unless there is a field of just this name" do
    left = [{ "account" => { id: "a" }, "f" => { "x" => { y: 1 } }, "p.q" => 1, "p" => { "q" => 2 }, "n" => 1 }]
    right = [{ account: { "id" => "a" }, f: { x: { "y" => 2 } }, "p.q": 1, n: { "m" => 1 } }]
    found = diff(left, right, %w[f.x.y p.q n.m], key: "account.id")
    expect(found.different.first.fields).to eq("f.x.y" => [1, 2], "n.m" => [nil, 1])
    expect(found.different.first.key).to eq("a")
  end

  it "brings what has no clear key to nobody, and says so" do
    left = [{ id: "a" }, { id: "" }, { id: "b" }, { id: " a" }, {}, { id: [1] }]
    right = [{ id: "a" }, { id: nil }, { id: "b" }, { id: true }, { id: "c" }, { id: "c" }]
    found = diff(left, right, [])
    expect(found.conflicts.map(&:to_a)).to eq(
      [[:blank, nil, [left[1], left[4]], [right[1]]], [:malformed, nil, [left[5]], [right[3]]],
       [:duplicated, "a", [left[0], left[3]], [right[0]]], [:duplicated, "c", [], right.last(2)]]
    )
    expect(found.conflicts.map(&:to_s)).to eq(["blank: 2 left, 1 right", "malformed: 1 left, 1 right",
                                               "duplicated a: 2 left, 1 right", "duplicated c: 0 left, 2 right"])
    expect(found).to have_attributes(equal: 1, only_left: [], only_right: [])
    expect(found).not_to be_empty
  end

  it "gives the same in whatever order the records come" do
    left = [{ id: "d", v: 1 }, { id: 10, v: 1 }, { id: "b" }, { id: "a" }, { id: 9, v: 1 }]
    right = [{ id: 10, v: 2 }, { id: "z" }, { id: "d", v: 2 }, { id: 9, v: 2 }, { id: "y" }]
    expected = diff(left, right)
    expect(expected.different.map(&:key)).to eq([10, 9, "d"])
    expect(expected.only_left + expected.only_right).to eq([{ id: "a" }, { id: "b" }, { id: "y" }, { id: "z" }])
    5.times { expect(diff(left.shuffle, right.shuffle)).to eq(expected) }
    expect(diff(left, [])).not_to eq(expected)
  end

  it "takes any Enumerable, and nothing at all" do
    rows = [{ id: 1, v: 1 }, { id: 2, v: 2 }]
    expect(diff(rows.lazy, Set.new(rows.reverse))).to be_empty
    expect(diff([], [])).to be_empty
    expect(diff(rows, [].each).only_left).to eq(rows)
  end

  it "cannot be changed, and shows nobody's address" do
    found = diff([{ id: "ann@b.edu", v: 1 }, { id: 2 }], [{ id: "ann@b.edu", v: "ann@b.edu" }])
    parts = [found, found.only_left, found.only_right, found.different, found.conflicts, found.different.first,
             found.different.first.fields]
    expect(parts).to all(be_frozen)
    expect([found, *found.different].map { |part| part.inspect + part.to_s }).not_to include(/ann/)
  end

  describe "what cannot be compared" do
    loop_of_itself = [].tap { |list| list << list }
    {
      "no list" => [nil, [], ["v"], /left is nil; give an Array/],
      "one record" => [[], { id: 1 }, ["v"], /right is of class Hash; give an Array.*of Hashes/],
      "what is not a record" => [[], [{ id: 1 }, "x"], ["v"], /right record 2 is of class String; give a Hash/],
      "an object" => [[{ id: 1, v: Object.new }], [], ["v"], /left record 1: v is of class Object; give text/],
      "an object for a key" => [[{ id: Object.new }], [], [], /left record 1: id is of class Object/],
      "no number" => [[{ id: 1, v: 0.0 / 0 }], [], ["v"], /left record 1: v is not a finite number/],
      "text in no encoding" => [[{ id: 1 }], [{ id: 1, v: "\xff" }], ["v"], /right record 1: v is text that.*UTF-8/],
      "bytes" => [[{ id: 1, v: "\xff".b }], [], ["v"], /left record 1: v is text that.*its encoding/],
      "what has no end" => [[{ id: 1, v: loop_of_itself }], [], ["v"], /left record 1: v is nested too deep/],
      "fields that are not a list" => [[], [], "v", /fields: is of class String; give an Array of names, or a Hash/],
      "a field without a name" => [[], [], [" "], /fields: " " is not a name/],
      "a field that is none" => [[], [], [1], /fields: 1 is not a name; give a String or a Symbol/],
      "a field twice" => [[], [], ["v", :v], /fields: names v twice/],
      "a kind that is none" => [[], [], { v: :day }, /v has the kind :day; give one of :any, :text, .*:drop_down/]
    }.each do |what, (left, right, fields, message)|
      it "is #{what}; it says where, and what to do" do
        expect { diff(left, right, fields) }.to raise_error(ArgumentError, message)
      end
    end

    it "is a key without a name" do
      expect { diff([], [], key: nil) }.to raise_error(ArgumentError, /key: nil is not a name/)
    end

    it "does not show in the message" do
      expect { diff([{ id: "ann@b.edu", v: "ann@b.edu\xff" }], []) }
        .to raise_error(ArgumentError) { |error| expect(error.message).not_to include("ann") }
    end
  end

  it "compares a hundred thousand records, in pieces, and accounts for each" do
    left = Array.new(100_000) { |n| { "id" => n, "v" => n.to_s, "w" => { "x" => n } } }
    right = left.drop(1_000).map { |row| { id: row["id"], v: row["id"] + (row["id"] % 100 == 7 ? 1 : 0), w: row["w"] } }
    found = diff(left, right.reverse, { "v" => :number, "w.x" => :any })
    expect([found.only_left.size, found.different.size, found.equal]).to eq([1_000, 990, 98_010])
    expect(found.different.find { |row| row.key == 1_007 }.fields).to eq("v" => ["1007", 1_008])
  end

  it "lets itself be interrupted" do
    rows = Array.new(200_000) { |n| { id: n, v: "x" } }
    expect { Timeout.timeout(0.05) { loop { diff(rows, rows) } } }.to raise_error(Timeout::Error)
    expect(diff(rows.first(3), rows.first(3)).equal).to eq(3)
  end
end
