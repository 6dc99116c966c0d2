# frozen_string_literal: true

require_relative "../../support/partner_world"

# The lock of a sync that has no database is a file; spec/store/lock_spec.rb has all that is the same for both syncs.
RSpec.describe "Two runs of an organization sync" do
  include PartnerWorld

  before do
    # Other specs of this process may have brought a database along.
    allow(CrmSync::State).to receive(:database?).and_return(false)
    partners([account(1)], [], zendesk: { faults: [{ on: :create, times: 1, answer: { slow_body_ms: 20 } }] })
  end

  # A run in another process, in the middle of its creation.
  def in_another_process
    pid = fork { exit!(PartnerSync.call.status == :applied ? 0 : 1) }
    eventually { writes.any? }
    yield
    Process.wait2(pid).last
  end

  it "never overlap: the second is skipped, and says who has the lock" do
    run = plan_first = nil
    ended = in_another_process do
      run = PartnerSync.call
      plan_first = PartnerSync.plan.apply
    end
    expect(ended).to be_success
    expect([run.status, plan_first.status]).to eq(%i[skipped skipped])
    expect(run.to_s).to match(/another run of this sync is under way \(process \d+ on /)
    expect { PartnerSync.call! }.not_to raise_error
    expect(zendesk.organizations.size).to eq(1)
  end

  it "are kept apart in the stage that writes as well" do
    dir = File.join(scratch, "stages")
    PartnerSync.gather_accounts(dir:)
    PartnerSync.gather_organizations(dir:)
    PartnerSync.compare(dir:)
    run = nil
    in_another_process { run = PartnerSync.apply(dir:) }
    expect(run.status).to eq(:skipped)
  end
end
