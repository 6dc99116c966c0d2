# frozen_string_literal: true

require "spec_helper"
require "crm_sync"

RSpec.describe CrmSync::Email do
  {
    "Ann@B.edu" => "ann@b.edu", "\u00a0ann@b.edu\t" => "ann@b.edu", "ann@BÜCHER.example" => "ann@xn--bcher-kva.example",
    "" => nil, " \n" => nil, nil => nil, "a.b+c@gmail.com" => "a.b+c@gmail.com", "\u212a@b.edu" => "\u212a@b.edu"
  }.each do |text, key|
    it("makes #{key.inspect} of #{text.inspect}") { expect(described_class.normalize(text)).to eq(key) }
  end

  it "takes any encoding, and nothing but text" do
    expect(described_class.normalize("j\xf6rg@b.edu".dup.force_encoding("ISO-8859-1"))).to eq("jörg@b.edu")
    expect(described_class.normalize("\xff@b.edu")).to be_nil
    expect { described_class.normalize(1) }.to raise_error(TypeError)
  end
end

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
end
