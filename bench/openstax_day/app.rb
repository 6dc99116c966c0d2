# frozen_string_literal: true

# The app, in a process of its own: its models, and the recipe's sync. Each line that it is given is JSON: the time, and
# whether to plan only, reading everything. It answers with what came of that, and what it cost.

$LOAD_PATH.unshift(File.expand_path("../../lib", __dir__))
require "active_record"
require "active_support/testing/time_helpers"
require "json"
require "logger"
require "time"
require "crm_sync"
require_relative "../measured"

ActiveRecord::Base.establish_connection(ENV.fetch("DATABASE_URL"))
ActiveRecord::Migration.verbose = false
templates = File.expand_path("../../lib/generators/crm_sync/install/templates", __dir__)
load File.join(templates, "create_crm_sync_tables.rb.tt")
CreateCrmSyncTables.migrate(:up)

require_relative "models"
load File.join(templates, "openstax_accounts_today.rb.tt")
CrmSync.configuration.logger = Logger.new($stderr, level: Logger::WARN)
CrmSync.eager_load!
UpdateUserContactInfo.declaration
include ActiveSupport::Testing::TimeHelpers # rubocop:disable Style/MixinUsage -- a script

# @return [Hash] what a run or a plan says
def told(said)
  made = said.is_a?(CrmSync::Run) ? said.applied : said.changes
  problems = %i[errors refusals].to_h { |name| [name, said.try(name).to_a.map(&:to_s)] }
  { status: said.try(:status), changes: made.map(&:action).tally, issues: said.issues.map(&:kind).tally,
    missed: said.summary[:missed], **problems }
end

$stdout.sync = true
puts "ready"
while (line = $stdin.gets)
  time, look = JSON.parse(line)
  travel_to(Time.iso8601(time)) do
    said = nil
    cost = Bench::Measured.here { said = look ? UpdateUserContactInfo.plan(full: true) : UpdateUserContactInfo.call }
    puts JSON.generate({ **cost.except(:said), **told(said) })
  end
end
