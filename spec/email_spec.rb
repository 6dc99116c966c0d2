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
    utf16 = "Ann@B.edu".encode("UTF-16LE")
    expect(described_class.normalize(utf16)).to eq("ann@b.edu")
    expect(["a@b.edu".b, "\xff@b.edu".b].map { |text| described_class.normalize(text) }).to eq(["a@b.edu", nil])
    expect { described_class.normalize(1) }.to raise_error(TypeError, "an address must be a String, not Integer")
  end
end
