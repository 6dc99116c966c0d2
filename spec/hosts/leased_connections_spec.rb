# frozen_string_literal: true

require "rails_helper"

# Hosts on Rails 7.2 and newer can forbid that a thread keeps a connection, and count on +with_connection+ to return it.
RSpec.describe "a host that leases its connections", if: ActiveRecord.respond_to?(:permanent_connection_checkout=) do
  around do |example|
    before = ActiveRecord.permanent_connection_checkout
    example.run
  ensure
    ActiveRecord.permanent_connection_checkout = before
  end

  # Runs the block in a thread that has no connection yet, and returns its result with the state of the thread's lease.
  def in_a_thread
    Thread.new do
      ActiveRecord.permanent_connection_checkout = :disallowed
      [yield, User.connection_pool.active_connection?]
    end.value
  end

  on_each_database do
    before { create_teachers(2) }

    it "is planned for, synced, asked and undone, and no thread keeps a connection" do
      sync = small_sync("User")
      file = File.join(scratch, "plan")
      simulate(contacts: 2) do
        { save: -> { sync.plan.save(file) }, load: -> { CrmSync::Plan.load(file).apply },
          describe: -> { sync.plan.then { |plan| [plan.to_s, plan.summary, plan.refusals, plan.blocked?] } },
          runs: -> { sync.runs.first.changes }, explain: -> { sync.explain(User.first) }, ask: -> { sync.last_success },
          undo: -> { sync.runs.first.undo! }, thaw: -> { sync.thaw(User.first) },
          one: -> { sync.call(only: User.first) }, all: -> { sync.call } }.each do |what, work|
          expect([what, in_a_thread(&work).last]).to eq([what, nil])
        end
        expect(sync.runs.map(&:status)).to eq(%i[unchanged applied applied applied])
      end
    end

    it "gets back the connection that it has leased for a block" do
      sync = small_sync("User")
      simulate(contacts: 2) do
        status, kept = in_a_thread { User.with_connection { sync.call.status } }
        expect([status, kept]).to eq([:applied, nil])
      end
    end

    it "keeps the connection that a thread of its own has for good" do
      sync = small_sync("User")
      simulate(contacts: 2) do
        same, kept = in_a_thread do
          own = User.lease_connection
          [sync.call.status, User.lease_connection.equal?(own)]
        ensure
          ActiveRecord.permanent_connection_checkout = :deprecated
        end
        expect([same, kept]).to match([[:applied, true], be_a(ActiveRecord::ConnectionAdapters::AbstractAdapter)])
      end
    end
  end
end
