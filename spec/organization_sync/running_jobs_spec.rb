# frozen_string_literal: true

require_relative "../support/partner_world"
require_relative "../support/simulated"

RSpec.describe "An organization sync after a run that was killed" do
  include PartnerWorld

  # Takes one run to the point where Zendesk has its job, and kills it there.
  def killed_run
    pid = fork do
      PartnerSync.call
      exit!(1) # it was to be killed before
    end
    eventually { zendesk.jobs.any? && state.include?(zendesk.jobs.first["id"]) }
    Process.kill("KILL", pid)
    Process.wait(pid)
  end

  # The jobs that are remembered, in a file or, where other specs have brought a database along, in its table.
  def state
    CrmSync::State.for("PartnerSync").read("jobs at #{zendesk.url}").fetch("ids", [])
  end

  it "waits for the job that goes on without it, so that no organization is in two jobs at once" do
    partners([account(1, Account_Owner_Calc__c: "New")], [organization(1)], zendesk: { clock_speed: 1, job_seconds: 3 })
    killed_run
    salesforce.replace("Account", [account(1, Account_Owner_Calc__c: "Newer")])
    run = PartnerSync.call
    first, second = zendesk.jobs
    expect([run.status, fields_of(1)["account_owner"]]).to eq([:applied, "Newer"])
    expect(run.applied.first.before).to eq(account_owner: "New"), "it was read before the job had ended"
    expect(second["at"]).to be >= first["ended_at"]
    expect(state).not_to include(first["id"])
  end

  it "does not wait for jobs that Zendesk has forgotten" do
    partners([account(1, Account_Owner_Calc__c: "New")], [organization(1)])
    CrmSync::Organizations::RunningJobs.new("PartnerSync", :global).add("0123456789abcdef")
    expect(PartnerSync.call.status).to eq(:applied)
  end
end
