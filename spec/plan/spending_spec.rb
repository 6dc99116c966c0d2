# frozen_string_literal: true

require_relative "../spec_helper"
require "crm_sync"

RSpec.describe CrmSync::Spending do
  let(:now) { 1_000_000 }
  let(:day) { 86_400 }

  def spending(**entries)
    described_class.new(entries, now)
  end

  it "counts what was spent in the last 24 hours, each budget for itself" do
    spent = spending(unlink: [[now - day + 1, 2], [now - 60, 3]], clear: [[now - day, 7]])
    expect(%i[unlink clear mark].map { |budget| spent.of(budget) }).to eq([5, 0, 0])
  end

  it "knows when the first of it comes free" do
    spent = spending(unlink: [[now - 60, 3], [now - 3_600, 2]])
    expect([spent.free_at(:unlink), spent.free_at(:clear)]).to eq([now - 3_600 + day, nil])
  end

  it "forgets what is over, so that it does not grow" do
    expect(spending(unlink: [[now - day, 2], [now - 1, 3]], clear: [[now - day, 7]]).to_h).to eq(unlink: [[now - 1, 3]])
  end

  it "does not count for ever what a clock that was put back wrote" do
    expect(spending(unlink: [[now + day, 2]]).of(:unlink)).to eq(0)
  end

  it "adds, and changes nothing of what it was" do
    before = spending(unlink: [[now - 60, 3]])
    after = before.plus({ unlink: 2, demote: 1, clear: 0 }, at: now - 30)
    expect(after.to_h).to eq(unlink: [[now - 60, 3], [now - 30, 2]], demote: [[now - 30, 1]])
    expect(before.of(:unlink)).to eq(3)
  end
end
