# frozen_string_literal: true

require "spec_helper"
require "crm_sync"

RSpec.describe CrmSync::Contacts::Turns do
  # Ids of contacts, by a letter.
  def id(letter) = letter && "0034C00000#{letter * 8}"

  # Changes by hand: [key, contact before, contact after].
  def turns(*moves)
    changes = moves.each_with_index.map do |(before, after), key|
      CrmSync::Change.new(action: :relink, key:, before: { contact: id(before) }, after: { contact: id(after) },
                          reason: "", budgets: [])
    end
    described_class.new(changes, :contact)
  end

  def keys(groups) = groups.map { |group| group.map(&:key) }

  it "leaves changes in their order that wait for no other one" do
    found = turns([nil, "a"], %w[b c], ["d", nil], [nil, "e"])
    expect([keys(found.rounds), found.cycles]).to eq([[[0, 1, 2, 3]], []])
  end

  it "puts a change behind all that give up its contact" do
    found = turns([nil, "a"], %w[a b], %w[b c], ["a", nil], %w[d e])
    expect([keys(found.rounds), found.cycles]).to eq([[[2, 3, 4], [1], [0]], []])
  end

  it "finds the cycles, each in the order of the plan" do
    found = turns(%w[a b], %w[c d], %w[d e], %w[b a], %w[e c], [nil, "x"])
    expect([keys(found.rounds), keys(found.cycles)]).to eq([[[5]], [[0, 3], [1, 2, 4]]])
  end

  it "writes first who gives up the same contact as one of a cycle" do
    found = turns(%w[a b], %w[b a], %w[a c], %w[b x])
    expect([keys(found.rounds), keys(found.cycles)]).to eq([[[2, 3]], [[0, 1]]])
  end

  it "takes the two spellings of an id for one, and changes that keep theirs for no moves" do
    short = CrmSync::Change.new(action: :relink, key: 0, before: { contact: id("a").first(15) }, reason: "",
                                after: { contact: CrmSync::RecordId.same(id("a").first(15)) }, budgets: [])
    update = CrmSync::Change.new(action: :update, key: 1, before: { name: "a" }, after: { name: "b" }, reason: "",
                                 budgets: [])
    found = described_class.new([short, update], :contact)
    expect([keys(found.rounds), found.cycles]).to eq([[[0, 1]], []])
  end

  it "comes to an end with a table of ids that is off by one row" do
    letters = [*"aaaaa".."aazzz"]
    chain = letters.each_cons(2).with_index.map do |(before, after), key|
      CrmSync::Change.new(action: :relink, key:, before: { contact: before }, after: { contact: after }, reason: "",
                          budgets: [])
    end
    found = described_class.new(chain, :contact)
    expect([found.rounds.size, found.rounds.first.map(&:key), found.cycles]).to eq([chain.size, [chain.size - 1], []])
  end
end
