# frozen_string_literal: true

# One measured process: boots the dummy app, runs what it is told, and prints seconds and peak memory in KiB.

require "json"
require "tmpdir"
ENV["DUMMY_FOLDER"] ||= Dir.mktmpdir.tap { |folder| at_exit { FileUtils.rm_rf(folder) } }
require_relative "../spec/dummy/config/environment"
Rails.logger.level = Logger::INFO
way = ARGV.fetch(0)
User.first unless way == "schema" # what any host has loaded before

started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
said =
  case way
  when "schema" then load File.expand_path("../spec/dummy/db/schema.rb", __dir__)
  when "ours" then UpdateUserSalesforceInfo.call(allow: { effects: User.count })
  when "set_based", "set_based_batches"
    require_relative "set_based"
    SetBased.public_send(way).call(allow: { effects: User.count })
  when "by_uuid"
    require_relative "by_uuid"
    ByUuid.call(allow: { effects: User.count })
  when "old"
    require_relative "old_way"
    OldWay.new(ENV.fetch("CRM_SYNC_SALESFORCE_HOST")).call
  end
wall = Process.clock_gettime(Process::CLOCK_MONOTONIC) - started
# Changes that were held back cost nothing, and their time is no figure.
abort said.to_s if said.is_a?(CrmSync::Run) && !%i[applied unchanged].include?(said.status)
peak = File.read("/proc/self/status")[/VmHWM:\s+(\d+)/, 1].to_i
puts JSON.generate(wall:, peak:, said: said.to_s)
