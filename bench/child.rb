# frozen_string_literal: true

# One measured process: boots the dummy app, runs what it is told, and prints what that cost.

require "json"
require "tmpdir"
ENV["DUMMY_FOLDER"] ||= Dir.mktmpdir.tap { |folder| at_exit { FileUtils.rm_rf(folder) } }
require_relative "../spec/dummy/config/environment"
require_relative "measured"
Rails.logger.level = Logger::INFO
way = ARGV.fetch(0)
unless way == "schema" # what any app in production has loaded before
  Rails.application.eager_load!
  CrmSync.eager_load!
  User.first
  UpdateUserSalesforceInfo.declaration
end

work =
  case way
  when "schema" then -> { load File.expand_path("../spec/dummy/db/schema.rb", __dir__) }
  when "ours" then -> { UpdateUserSalesforceInfo.call(allow: { effects: User.count }) }
  when "set_based", "set_based_batches"
    require_relative "set_based"
    -> { SetBased.public_send(way).call(allow: { effects: User.count }) }
  when "by_uuid"
    require_relative "by_uuid"
    -> { ByUuid.call(allow: { effects: User.count }) }
  when "old"
    require_relative "old_way"
    OldWay.new(ENV.fetch("CRM_SYNC_SALESFORCE_HOST")).method(:call)
  when "host"
    require_relative "host_work"
    HostWork.new.method(:call)
  when "set_floor"
    require_relative "set_floor"
    SetFloor.new.method(:call)
  end
said = nil
measured = Bench::Measured.here { said = work.call }
# Changes that were held back cost nothing, and their time is no figure.
abort said.to_s if said.is_a?(CrmSync::Run) && !%i[applied unchanged].include?(said.status)
puts JSON.generate(measured)
