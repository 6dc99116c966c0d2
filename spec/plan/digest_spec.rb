# frozen_string_literal: true

require "rails_helper"
require "json"

RSpec.describe CrmSync::PlanDigest do
  def digest(value)
    change = CrmSync::Change.new(action: :update, key: 1, before: {}, after: { value: }, reason: "", budgets: [])
    described_class.of([change])
  end

  it "leaves times in the zone in which the app has them, and is the same for every zone" do
    local = Time.new(2026, 3, 8, 2, 30, 0, "-05:00")
    zoned = local.in_time_zone("Asia/Tokyo")
    zones = [local, zoned.to_time].map(&:utc_offset)
    expect([local, zoned, local.dup.utc, local.to_datetime].map { |time| digest(time) }.uniq.size).to eq(1)
    expect([local, zoned.to_time].map(&:utc_offset)).to eq(zones)
  end

  # A column may hold bytes, for which JSON has no spelling.
  it "takes bytes that are UTF-8 for that text, without a warning" do
    expect { expect(digest("Zoë".b)).to eq(digest("Zoë")) }.not_to output.to_stderr
  end

  it "tells bytes that are no text apart from each other" do
    expect { expect(digest("\xFF".b)).not_to eq(digest("\xFE".b)) }.not_to output.to_stderr
  end

  it "takes text of another encoding for that text" do
    expect(digest("é".encode(Encoding::ISO_8859_1))).to eq(digest("é"))
  end
end
