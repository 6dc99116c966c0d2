# frozen_string_literal: true

require "rails_helper"
require_relative "../../bench/openstax_day/day"

# Lets the recipe openstax_accounts_today run every five minutes, while org and app go on. bench/openstax_day.rb has the
# sizes of a real day.
RSpec.describe "A day of OpenStax Accounts" do
  # The calls of a run that reads what changed: what left, what changed, the contacts that users have and that did not
  # come, what became of them and of the winners of their merges, and whether others may be invisible.
  few = 6

  day = nil
  before(:context) do
    world = Bench::OpenstaxDay::World.new(3_400, 11_000, 40, 20)
    day = Bench::OpenstaxDay::Day.new(world).call
  end

  it "leaves the database as one run over everything would" do
    expect(day.differences).to eq([])
    expect(day.plan).to include(changes: {}, missed: { rows: 0, oldest_seconds: nil })
  end

  it "is applied, run by run" do
    expect(day.runs.map { |run| run[:status] }.tally.keys).to contain_exactly("unchanged", "applied")
    expect(day.sum(:changes)).to include(:link, :relink, :update)
    expect([*day.runs, day.at_once].flat_map { |run| run[:errors] + run[:refusals] }).to eq([])
  end

  it "costs few calls" do
    first, *others = day.runs.map { |run| Bench::OpenstaxDay::Calls.sum(run[:calls]) }
    expect([first, *others]).to all(be_positive)
    expect(others.max).to be <= few
  end
end
