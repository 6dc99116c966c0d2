# frozen_string_literal: true

require "crm_sync"
require_relative "../support/internals"

RSpec.describe CrmSync::KeptForm do
  def misfit(form, value) = described_class.misfit(form, value)

  it "takes what a class or a Proc takes" do
    expect([misfit(String, "a"), misfit(described_class::COUNT, 0), misfit(described_class::KEY, 7)]).to all(be_nil)
    expect([misfit(String, 1), misfit(described_class::COUNT, -1), misfit(described_class::FLAG, nil)]).to all(eq([]))
    expect(misfit(described_class::TEXT, (+"\xff").force_encoding("UTF-8"))).to eq([])
  end

  it "names the way to the first value that has another form" do
    form = { "list" => [{ "count" => Integer }] }
    expect(misfit(form, { "list" => [{ "count" => 1 }], "more" => nil })).to be_nil
    expect(misfit(form, { "list" => [{ "count" => 1 }, { "count" => "2" }] })).to eq(["list", 1, "count"])
    [nil, [], "x", { "list" => nil }, { "list" => {} }].zip([[], [], [], ["list"], ["list"]]) do |value, way|
      expect(misfit(form, value)).to eq(way)
    end
  end

  it "knows what may be missing, what has any names, and what has so many items" do
    maybe = described_class::Maybe.new(Integer)
    expect([misfit({ "a" => maybe }, {}), misfit(maybe, nil), misfit(maybe, "1")]).to eq([nil, nil, []])
    named = described_class::Named.new(Integer, %w[a])
    expect([{ "a" => 1, "b" => 2 }, { "b" => 2 }, { "a" => 1, "b" => nil }].map { |value| misfit(named, value) })
      .to eq([nil, ["a"], ["b"]])
    present = described_class::Present.new({ "a" => Integer })
    expect([misfit(present, {}), misfit(present, { "a" => nil }), misfit(present, [])]).to eq([nil, ["a"], []])
    tuple = described_class::Tuple.new([Integer, String])
    expect([misfit(tuple, [1, "a"]), misfit(tuple, [1]), misfit(tuple, [1, 2])]).to eq([nil, [], [1]])
  end
end
