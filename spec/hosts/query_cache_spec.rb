# frozen_string_literal: true

require "rails_helper"

# A host whose repeated queries are answered from a cache, as in a web request, in a job and in the runner of Rails 7.2;
# what another process writes meanwhile does not empty that cache.
RSpec.describe "a host that caches its queries" do
  # With a connection of its own, as another process has it.
  def elsewhere(&)
    Thread.new { User.connection_pool.with_connection(&) }.join
  end

  on_each_database do
    it "sees the runs of other processes, and what they changed" do
      create_teachers(2)
      sync = small_sync("User")
      simulate(contacts: 2) do
        User.cache do
          expect(sync.runs).to eq([])
          elsewhere { sync.call }
          run = sync.runs.first
          expect([run.status, CrmSync::History.find(run.id).status, run.changes.size]).to eq([:applied, :applied, 2])
        end
      end
    end

    it "does not bring back what another process has undone" do
      create_teachers(2)
      sync = small_sync("User")
      simulate(contacts: 2) do
        User.cache do
          expect(sync.plan.changes.size).to eq(2)
          elsewhere do
            sync.call
            sync.runs.first.undo!
          end
          expect(sync.plan.changes).to eq([])
        end
      end
    end
  end
end
