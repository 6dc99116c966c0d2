# frozen_string_literal: true

require "rails_helper"

# Until Rails 8, SQLite waits by itself and lets no other Ruby thread run meanwhile; so a process holds the lock here.
RSpec.describe "CrmSync::Database::BusyTimeout" do
  using_database :sqlite

  def connection = ActiveRecord::Base.connection

  def busy_timeout = CrmSync.const_get(:Database)::BusyTimeout.new(connection)

  def write = connection.execute("DELETE FROM users WHERE id = 0")

  # A process has the database locked until its input ends, and then for a moment longer.
  def while_locked
    code = 'db = SQLite3::Database.new(ARGV.first); db.execute("BEGIN IMMEDIATE"); puts; $stdin.read; sleep 0.3'
    command = [RbConfig.ruby, "-rsqlite3", "-e", "$stdout.sync = true; #{code}", connection_file]
    IO.popen(command, "r+") do |process|
      process.gets
      yield process
    end
  end

  def connection_file = ActiveRecord::Base.connection_db_config.database

  it "lets statements wait for less within the block, and for as long as before after it" do
    while_locked do |process|
      expect { busy_timeout.patient(0.01) { write } }.to raise_error(ActiveRecord::StatementInvalid, /locked/)
      process.close_write
      expect { write }.not_to raise_error
    end
  end

  it "can be changed within the block" do
    while_locked do
      busy_timeout.patient(2.0) do
        busy_timeout.lock_wait = 0.01
        expect { write }.to raise_error(ActiveRecord::StatementInvalid, /locked/)
      end
    end
  end

  it "leaves a handler of the host's in its place", if: ActiveRecord.version < Gem::Version.new("8.0.0.alpha") do
    called = 0
    connection.raw_connection.busy_handler { (called += 1) < 3 }
    while_locked do
      busy_timeout.patient(0.01) do
        busy_timeout.lock_wait = 0.005
        expect { write }.to raise_error(ActiveRecord::StatementInvalid, /locked/)
      end
    end
    expect(called).to eq(3)
  ensure
    connection.raw_connection.busy_timeout(5_000)
  end
end
