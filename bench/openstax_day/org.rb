# frozen_string_literal: true

# Salesforce for the day, in a process of its own, whose clock is put forward between the runs. It prints its URL. Each
# line that it is given is JSON: the seconds to put the clock forward by, and the contacts to create and the fields to
# change in the middle of them. It answers with the calls that the sync has made since the last line, by kind.

$LOAD_PATH.unshift(File.expand_path("../../lib", __dir__))
require "crm_sync/testing"
require_relative "calls"
require_relative "world"

world = Bench::OpenstaxDay::World.new(*ARGV.map { |number| Integer(number) })
records = world.records
options = { records:, clock: world.start, clock_speed: 0.001 }
CrmSync::Testing::Salesforce.start(**options) do |salesforce|
  records.clear
  client = CrmSync::Salesforce.client
  calls = Bench::OpenstaxDay::Calls.new(salesforce)
  puts salesforce.url
  $stdout.flush
  while (line = $stdin.gets)
    seconds, created, changed = JSON.parse(line)
    taken = calls.taken
    salesforce.advance(seconds / 2.0)
    client.create("Contact", created).each { |result| raise result.to_s unless result.ok? }
    changed.each do |object, fields|
      rows = fields.map { |id, values| { "Id" => id, **values } }
      client.update(object, rows).each { |result| raise result.to_s unless result.ok? }
    end
    salesforce.advance(seconds / 2.0)
    calls.taken # those are ours
    puts JSON.generate(taken)
    $stdout.flush
  end
end
