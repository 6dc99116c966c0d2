# frozen_string_literal: true

require "spec_helper"
require "crm_sync"

RSpec.describe CrmSync::Presentable do
  it "hides addresses, whatever stands around them" do
    ["ann@b.edu", "<ann@b.edu>", "(value)=(ann@b.edu)", "mailto:ann@b.edu,", "ann@@b.edu", '"ann"@b.edu', "é@ü.example",
     "ann@[10.0.0.1]"].each do |text|
      expect(described_class.text("so #{text} says")).to eq("so [address] says")
    end
  end

  it "leaves an @ that is none of an address" do
    ["from 8 @ noon", "@user, (@user) and <@user>", "a@", "@", "@@class_variable", "an @: or (@)"].each do |text|
      expect(described_class.text(text)).to eq(text)
    end
  end

  # A pattern that looked for whole words with an address took hours here, and an example is given two minutes.
  it "is done with long words, with an address or without" do
    { "a" * 1_000_000 => "#{"a" * 297}...", "@" * 1_000_000 => "#{"@" * 297}...",
      "x#{"@" * 1_000_000}" => /\Ax@+\.\.\.\z/,
      "#{"a" * 1_000_000}@b.edu" => "[address]", "#{"a%40" * 200_000}b" => "[address]" }.each do |text, shown|
      expect(described_class.text(text)).to match(shown)
    end
  end

  it "gives a text that can be joined to others, whatever the encoding" do
    texts = ["\xC3\xA9 \xFF".b, "\u00e9".encode("ISO-8859-1"), "\u00e9 \u20ac".encode("UTF-16LE"), "a@b\u00fc.de".b]
    expect(texts.map { |text| "\u2192 #{described_class.text(text)}" })
      .to eq(["\u2192 \u00e9 ?", "\u2192 \u00e9", "\u2192 \u00e9 \u20ac", "\u2192 [address]"])
  end

  it "names ten items, and counts the others" do
    expect([[7], [7, 9], [*1..10]].map { |items| described_class.list(items) })
      .to eq(["7", "7, 9", "1, 2, 3, 4, 5, 6, 7, 8, 9, 10"])
    expect(described_class.named("user", [*1..1_210])).to eq("users 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 1,200 more")
    expect(described_class.named("user", [7])).to eq("user 7")
  end
end
