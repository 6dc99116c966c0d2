# frozen_string_literal: true

require "rails_helper"
require_relative "../support/contact_sync_world"

# A run that waits for a row that somebody else has locked, and is ended meanwhile.
RSpec.describe "A run that waits for another's row lock" do
  include ContactSyncWorld

  using_database :postgresql

  let!(:user) { create_user(email: "ann@b.edu") }

  # Locks the user's row on a connection of its own for the length of the block.
  def with_row_locked
    locked = Queue.new
    release = Queue.new
    holder = job do
      User.transaction do
        User.lock.find(user.id)
        locked << true
        release.pop
      end
    end
    locked.pop
    yield
  ensure
    release << true
    holder.join
  end

  # Returns whether some session waits for a lock.
  def waiting?
    waits = "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    ActiveRecord::Base.connection.select_value(waits).positive?
  end

  it "can be ended while the row stays locked, and leaves its connection usable" do
    salesforce_has contact("ann@b.edu", faculty: "Confirmed")
    with_row_locked do
      after = nil
      run = job do
        sync
      rescue RuntimeError
        after = User.count
        raise
      end
      eventually { waiting? }
      run.raise("enough")
      expect(run.join(30)).to be_nil.or eq(run)
    rescue RuntimeError => e
      expect([e.message, after]).to eq(["enough", 1])
    end
    expect(user.reload.salesforce_contact_id).to be_nil
    expect(sync.status).to eq(:applied)
  end
end
