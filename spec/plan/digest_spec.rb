# frozen_string_literal: true

require "rails_helper"

RSpec.describe CrmSync::PlanDigest do
  def digest(value)
    change = CrmSync::Change.new(action: :update, key: 1, before: {}, after: { seen: value }, reason: "", budgets: [])
    described_class.of([change])
  end

  it "leaves times in the zone in which the app has them, and is the same for every zone" do
    local = Time.new(2026, 3, 8, 2, 30, 0, "-05:00")
    zoned = local.in_time_zone("Asia/Tokyo")
    zones = [local, zoned.to_time].map(&:utc_offset)
    expect([local, zoned, local.dup.utc, local.to_datetime].map { |time| digest(time) }.uniq.size).to eq(1)
    expect([local, zoned.to_time].map(&:utc_offset)).to eq(zones)
  end
end
