# frozen_string_literal: true

require_relative "desk"
require_relative "effort"
require_relative "partners"

ENV["ALLIANCE_ACCOUNT_ID"] = Partners::ALLIANCE
load File.expand_path("../lib/generators/crm_sync/install/templates/gitlab_partners.rb.tt", __dir__)

# An organization sync from end to end: a Salesforce and a Zendesk on loopback, and the recipe `gitlab_partners`.
class PartnerDemo
  # The Zendesk account: its requests in a minute, the seconds of a job, and how fast its clock runs.
  ACCOUNT = { organization_fields: Partners::FIELDS, per_minute: 2_500, job_seconds: 5, clock_speed: 10 }.freeze

  def initialize(terminal)
    @terminal = terminal
    @partners = Partners.new
  end

  # @return [Boolean] whether everything came out as it must
  def run
    CrmSync::Testing::Salesforce.start(records: @partners.salesforce) do |salesforce|
      CrmSync::Testing::Zendesk.start(organizations: @partners.organizations, **ACCOUNT) do |zendesk|
        @zendesk = zendesk
        @desk = Desk.new(salesforce, zendesk)
        introduce(salesforce)
        [look, sync, again, leave_and_return, edit_in_between, nothing_from_salesforce].all?
      end
    end
  end

  private

  def introduce(salesforce)
    @terminal.title "crm_sync: an organization sync from end to end"
    @terminal.say <<~TEXT
      A Salesforce with #{count(@partners.accounts)} accounts answers at #{salesforce.url}, and a Zendesk with
      #{count(@partners.organizations)} organizations, most of them customers, at #{@zendesk.url}; its clock runs
      #{ACCOUNT[:clock_speed]} times as fast as yours. All of them are made up. The sync is the class that `rails generate
      crm_sync:install --recipe gitlab_partners` writes. The sales regions were cut anew, so most partners have a new owner.
    TEXT
  end

  def look
    @terminal.chapter "Look first: all organizations are read, and nothing is written"
    @terminal.command "plan = PartnerSync.plan; puts plan"
    @plan = PartnerSync.plan
    @terminal.show @plan
    @plan.ledger.balanced?
  end

  def sync
    @terminal.chapter "Apply it: every organization is accounted for"
    @terminal.command "run = plan.apply; puts run, run.ledger"
    run = nil
    effort = Effort.new(@zendesk) { run = @terminal.progress { @plan.apply } }
    @terminal.show run
    @terminal.show run.ledger
    compare(effort)
    counts = @plan.summary[:changes]
    right = run.status == :applied && @desk.marked.size == counts[:mark] + Partners::COUNTS[:marked_already]
    @terminal.verdict "all is written, and who is gone is marked", right
  end

  def compare(effort)
    counts = @plan.summary[:changes]
    @terminal.say <<~TEXT
      By Zendesk's clock that took #{effort.seconds.round} s, with jobs of #{ACCOUNT[:job_seconds]} s, and #{count(effort.requests)}
      requests: #{effort}. Half of the account's requests are left to others. The documented open loop sleeps
      #{Effort.open_loop(counts[:update], counts[:mark])} s for these updates and marks, and reads no job's results.
    TEXT
  end

  def again
    @terminal.chapter "Run it again: there is nothing to do"
    @terminal.command "PartnerSync.plan.empty?"
    empty = PartnerSync.plan.empty?
    @terminal.show empty
    @terminal.verdict "the second plan for the partners is empty", empty
  end

  def leave_and_return
    @terminal.chapter "One partner vanishes, one becomes a customer and then a partner again"
    gone, customer = some(0..1)
    rest = @desk.accounts.reject { |account| account["Id"] == gone }
    runs = [@desk.with({ "Type" => "Customer" }, of: [customer], among: rest), rest].map do |accounts|
      @desk.replace(accounts)
      call_and_show
    end
    right = runs.all? { |run| run.status == :applied } && @desk.field("mark_for_deletion", [gone, customer])
    @terminal.verdict "who is gone is marked, who is back is not", right == [true, false]
  end

  def edit_in_between
    @terminal.chapter "Somebody edits an organization between plan and apply: it is left alone"
    @desk.replace(@desk.with({ "Account_Owner_Calc__c" => "Ada Yilmaz" }, of: some(2..4)))
    @terminal.command "plan = PartnerSync.plan; edit_by_hand; run = plan.apply; puts run, run.stale.values"
    plan = PartnerSync.plan
    @desk.edit_organization(some(2..2).first, account_owner: "Kim Abbott")
    run = plan.apply
    [run, *run.stale.values].each { |line| @terminal.show line }
    right = @desk.field("account_owner", some(2..4)) == ["Kim Abbott", "Ada Yilmaz", "Ada Yilmaz"]
    @terminal.verdict "the edit stands, and the others are written", right && run.status == :partial
  end

  def nothing_from_salesforce
    @terminal.chapter "Salesforce returns nothing: the run is blocked"
    before = @desk.organizations
    @desk.replace([])
    run = call_and_show
    @terminal.verdict "nobody was marked", run.status == :blocked && @desk.organizations == before
  end

  def call_and_show
    @terminal.command "run = PartnerSync.call; puts run, run.applied, run.refusals"
    run = PartnerSync.call
    [run, *run.applied, *run.refusals].each { |line| @terminal.show line }
    run
  end

  # Partners of whom nothing else is known than that they had another owner.
  def some(range)
    @plan.changes.select { |change| change.after.keys == [:account_owner] }.map(&:key)[range]
  end

  def count(rows)
    ActiveSupport::NumberHelper.number_to_delimited(rows.size)
  end
end
