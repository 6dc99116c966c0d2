# frozen_string_literal: true

require "crm_sync"

RSpec.describe CrmSync::Preemptible do
  before { Thread.current[:crm_sync_passes_next] = nil }

  def compute(seconds)
    ends = Process.clock_gettime(Process::CLOCK_MONOTONIC) + seconds
    nil until Process.clock_gettime(Process::CLOCK_MONOTONIC) >= ends
  end

  it "gives them in their order, to whatever Enumerable has" do
    items = described_class.new(%w[a b c])
    expect(items.map(&:upcase)).to eq(%w[A B C])
    expect(items.each_slice(2).to_a).to eq([%w[a b], %w[c]])
    expect(items.lazy.map(&:upcase).first(2)).to eq(%w[A B])
  end

  it "passes after an item that took long, and not again before it has computed for as long as that took" do
    allow(Thread).to receive(:pass) { compute(0.02) }
    described_class.new([0, 0.001, 0.03, 0]).each { |seconds| compute(seconds) }
    expect(Thread).to have_received(:pass).twice
  end

  it "lets a thread that waits have its turn long before Ruby would" do
    came = Queue.new
    waiting = Thread.new { came.pop }
    Thread.pass until waiting.stop?
    turns = 0
    came << :now
    described_class.new(Array.new(10) { 0.003 }).each do |seconds|
      turns += 1 if waiting.alive?
      compute(seconds)
    end
    expect(turns).to be < 10
  end
end
