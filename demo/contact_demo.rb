# frozen_string_literal: true

require_relative "app"
require_relative "organisation"

# A contact sync from end to end: a Salesforce on loopback, a database in memory, and the recipe `openstax_accounts`.
class ContactDemo
  ISSUES_SHOWN = 2

  def initialize(terminal)
    @terminal = terminal
    @organisation = Organisation.new
    @organisation.save
  end

  # @return [Boolean] whether everything came out as it must
  def run
    CrmSync::Testing::Salesforce.start(records: @organisation.salesforce) do |salesforce|
      @salesforce = salesforce
      introduce
      [look, explain, sync, again, mass_edit, nothing_from_salesforce].all?
    end
  end

  private

  def introduce
    @terminal.title "crm_sync: a contact sync from end to end"
    @terminal.say <<~TEXT
      A Salesforce with #{count(@organisation.contacts)} contacts, #{count(@organisation.leads)} leads and
      #{count(@organisation.accounts)} accounts answers at #{@salesforce.url}; an app with #{count(@organisation.users)} users has
      its database in memory. All of them are made up. The sync is the class that `rails generate crm_sync:install --recipe
      openstax_accounts` writes.
    TEXT
  end

  def look
    @terminal.chapter "Look first: a plan writes nothing"
    @terminal.command "plan = UpdateUserSalesforceInfo.plan; puts plan"
    @plan = UpdateUserSalesforceInfo.plan
    @terminal.show @plan
    @plan.ledger.balanced?
  end

  def explain
    @terminal.chapter "Why is this user what it is?"
    moved = @plan.changes.find { |change| change.action == :relink }.key
    held = @plan.issues.find { |issue| issue.kind == :held_user }.users.first
    [moved, held].each do |key|
      @terminal.command "puts UpdateUserSalesforceInfo.explain(User.find(#{key}))"
      @terminal.show UpdateUserSalesforceInfo.explain(User.find(key))
    end
    true
  end

  def sync
    @terminal.chapter "Apply it: every row is accounted for"
    @terminal.command "run = plan.apply; puts run, run.ledger"
    run = @plan.apply
    @terminal.show run
    @terminal.show run.ledger
    issues(run)
    effects(run)
    @terminal.verdict "the books balance", run.ledger.balanced? && run.status == :applied
  end

  def issues(run)
    @terminal.command "run.issues.group_by(&:kind)"
    run.issues.group_by(&:kind).each do |kind, issues|
      @terminal.show "#{kind}: #{issues.size}"
      different = issues.uniq { |issue| issue.message.gsub(/\d\w*/, "") }
      different.first(ISSUES_SHOWN).each { |issue| @terminal.show "  #{issue.message}" }
    end
  end

  def effects(run)
    asked = @salesforce.records("Contact").count { |contact| contact["SendFacultyVerificationTo__c"] }
    @terminal.say <<~TEXT
      #{count(run.applied.select { |change| change.after[:faculty_status] == "confirmed_faculty" })} teachers are newly confirmed:
      #{SecurityLog.count} entries in the security log, made in the transaction of each change; #{asked} contacts with an address
      for Salesforce to write to (write_back; who has no verified address gets none), by way of the outbox, in which
      #{CrmSync::OutboxRow.count} are left.
    TEXT
  end

  def again
    @terminal.chapter "Run it again: there is nothing to do"
    @terminal.command "UpdateUserSalesforceInfo.plan.empty?"
    plan = UpdateUserSalesforceInfo.plan
    @terminal.show plan.empty?
    @terminal.verdict "the second plan is empty", plan.empty?
  end

  def mass_edit
    @terminal.chapter "Somebody edits hundreds of contacts by mistake: the budget holds"
    contacts = @salesforce.records("Contact")
    confirmed, others = contacts.partition { |contact| contact["Faculty_Verified__c"] == "Confirmed" }
    edited = confirmed.first(400).map { |contact| contact.merge("Faculty_Verified__c" => "Rejected") }
    @salesforce.replace("Contact", edited + confirmed.drop(400) + others)
    run = call_and_show
    @salesforce.replace("Contact", contacts)
    @terminal.verdict "nobody lost a confirmation", run.status == :held && run.applied.empty?
  end

  def nothing_from_salesforce
    @terminal.chapter "Salesforce returns nothing: the run is blocked"
    before = User.order(:id).map(&:attributes)
    @salesforce.replace("Contact", [])
    run = call_and_show
    @terminal.verdict "nothing was written", run.status == :blocked && User.order(:id).map(&:attributes) == before
  end

  def call_and_show
    @terminal.command "run = UpdateUserSalesforceInfo.call; puts run, run.refusals"
    run = UpdateUserSalesforceInfo.call
    @terminal.show run
    run.refusals.each { |refusal| @terminal.show refusal }
    run
  end

  def count(rows)
    ActiveSupport::NumberHelper.number_to_delimited(rows.size)
  end
end
