# frozen_string_literal: true

require_relative "../../support/partner_world"
require_relative "../../support/quiet_sql"

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
    # PostgreSQL hears of the killed run's session a moment later.
    run = eventually { PartnerSync.call.then { |tried| tried unless tried.status == :skipped } }
    first, second = zendesk.jobs
    expect([run.status, fields_of(1)["account_owner"]]).to eq([:applied, "Newer"])
    expect(run.applied.first.before).to eq(account_owner: "New"), "it was read before the job had ended"
    expect(second["at"]).to be >= first["ended_at"]
    expect(state).not_to include(first["id"])
  end

  it "waits for a job in a state that it does not know" do
    paused = { status: 200, content_type: "application/json", body: '{"job_status":{"id":"a","status":"paused"}}' }
    partners([account(1, Account_Owner_Calc__c: "New")], [organization(1)],
             zendesk: { faults: [{ on: :job_status, times: 1, answer: { status: paused } }] })
    jobs.hear([accepted])
    expect(PartnerSync.call.status).to eq(:applied)
    expect(zendesk.requests.first(5).count { |request| request["path"].include?("job_statuses") }).to eq(2)
  end

  it "does not wait for jobs that Zendesk has forgotten" do
    partners([account(1, Account_Owner_Calc__c: "New")], [organization(1)])
    jobs.hear([accepted])
    expect(PartnerSync.call.status).to eq(:applied)
    expect(state).to eq([])
  end

  it "remembers a job that is given up while it is at work" do
    partners([account(1, Account_Owner_Calc__c: "New")], [organization(1)],
             zendesk: { job_seconds: 300, clock_speed: 20, settings: { job_patience: 1 } })
    expect(PartnerSync.call.errors.map(&:to_s)).to match([/may or may not be written/])
    expect(state).to eq([zendesk.jobs.first["id"]])
  end

  it "counts marks whose end nobody knows against the day's budget" do
    partners([account(1)], [organization(1), organization(2)],
             zendesk: { job_seconds: 300, clock_speed: 20, settings: { job_patience: 1 } })
    expect(PartnerSync.call.applied).to eq([])
    zendesk.replace([organization(1), organization(2, mark_for_deletion: true)])
    expect(PartnerSync.plan.summary[:spent]).to eq(mark: 1)
  end

  it "remembers the jobs of a run that something else has ended", :quiet_sql do
    partners((1..300).map { |n| account(n, Account_Owner_Calc__c: "New") }, (1..300).map { |n| organization(n) },
             zendesk: { clock_speed: 1, job_seconds: 60 })
    run = Thread.new { PartnerSync.call }.tap { |thread| thread.report_on_exception = false }
    eventually { state.size == 3 } # Zendesk has a job before its answer has come here
    run.raise("the host has had enough")
    expect { run.value }.to raise_error("the host has had enough")
    expect(state).to match_array(zendesk.jobs.map { |job| job["id"] })
  end

  it "stays as it is while somebody else only looks" do
    partners([account(1)], [organization(1)])
    jobs.hear([accepted])
    PartnerSync.plan
    expect(state).to eq(["0123456789abcdef"])
  end

  it "is not a list of jobs that have ended" do
    partners((1..150).map { |n| account(n, Account_Owner_Calc__c: "New") }, (1..150).map { |n| organization(n) })
    expect(PartnerSync.call.status).to eq(:applied)
    expect([zendesk.jobs.size, state]).to eq([2, []])
  end

  def accepted
    CrmSync::Native::Accepted.new(job: "0123456789abcdef", stage: :update, indexes: [0])
  end

  def jobs
    CrmSync::Organizations::RunningJobs.new("PartnerSync", :global)
  end
end
