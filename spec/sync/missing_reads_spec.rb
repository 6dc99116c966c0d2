# frozen_string_literal: true

require_relative "../spec_helper"
require "crm_sync"

RSpec.describe CrmSync::MissingReads do
  subject(:reads) { described_class.new(nil, "missing") }

  it "counts full reads, and forgets who is back" do
    expect(reads.with(%w[a b], known: { "a" => 1, "c" => 2 })).to eq("a" => 2, "b" => 1)
    expect(reads.with(%w[a b], full: false, known: { "a" => 1, "c" => 2 })).to eq("a" => 1)
  end

  it "takes more records than Ruby takes arguments" do
    ids = Array.new(150_000, &:to_s)
    expect(reads.with(ids, full: false, known: reads.with(ids, known: {})).size).to eq(ids.size)
  end
end
