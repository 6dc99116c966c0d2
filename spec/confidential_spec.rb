# frozen_string_literal: true

require "rails_helper"
require_relative "support/canaries"
require_relative "support/contact_sync_world"
require_relative "support/partner_world"
require_relative "support/simulated"

# Plants secrets and addresses, runs both syncs with all that belongs to them, and looks at every object that came to be.
RSpec.describe CrmSync::Confidential do
  include Canaries
  include ContactSyncWorld
  include PartnerWorld

  using_database :sqlite

  # Classes of which the walk makes no object, and why that is so.
  unseen = {}

  # Objects of one class that are looked at.
  enough = 15

  def self.classes
    ObjectSpace.each_object(Class).select { |found| found.name&.start_with?("CrmSync::") }
  end

  def address(name)
    "#{name}@#{Canaries::DOMAIN}"
  end

  def settings
    { client_secret: Canaries::SECRETS[:client_secret] }
  end

  # What is told on the way: log lines, errors, and what is published.
  let(:told_on_the_way) { [] }

  def failing
    yield
    raise "it did not fail"
  rescue CrmSync::Error => e
    told_on_the_way << told(e)
    (@kept ||= []) << e
  end

  def keep(*objects)
    (@kept ||= []).concat(objects)
    objects.first
  end

  def contact_world
    gone = contact(address("gone"))
    linked_user(gone, email: address("gone"))
    create_users(3) { |n| { email: address("teacher#{n}") } }
    2.times { create_user(email: address("contested")) }
    contacts = Array.new(3) { |n| contact(address("teacher#{n}"), faculty: "Confirmed") }
    salesforce_has(*contacts, contact(address("contested")), contact(address("contested")),
                   lead(address("lead")), **settings)
  end

  def contact_runs
    plan = keep(UpdateUserSalesforceInfo.plan)
    path = File.join(scratch, "sync.plan")
    plan.save(path)
    keep(CrmSync::Plan.load(path))
    keep(UpdateUserSalesforceInfo.shadow { User.first.touch })
    keep(UpdateUserSalesforceInfo.explain(User.last))
    run = keep(plan.apply)
    keep(UpdateUserSalesforceInfo.runs.first, *UpdateUserSalesforceInfo.runs.first.changes, run.undo!)
    keep(UpdateUserSalesforceInfo.call(allow_error_email: true))
    keep(*CrmSync::ChangeRow.all, *CrmSync::RunRow.all, *CrmSync::StateRow.all, *CrmSync::OutboxRow.all)
    keep(CrmSync::EmailIndex.new.add(address("x"), address("y")))
    keep(CrmSync.diff([{ id: 1, mail: address("a") }], [{ id: 1, mail: address("b") }], key: :id, fields: [:mail]))
  end

  def partner_runs
    mine = { "Account_Owner_Calc__c" => address("owner") }
    partners([account(1, **mine), account(2), account(3, **mine)], [organization(1), organization(9)],
             salesforce: settings, zendesk: { client_secret: Canaries::SECRETS[:zendesk_secret] })
    plan = keep(PartnerSync.plan)
    keep(plan.apply, PartnerSync.explain(account_id(1)))
    PartnerSync.gather_accounts(dir: scratch)
    PartnerSync.gather_organizations(dir: scratch)
    keep(PartnerSync.compare(dir: scratch))
    keep(CrmSync::Salesforce.client, CrmSync::Zendesk.client)
  end

  before do
    GC.disable # what came to be is there to be looked at
    CrmSync.configuration.plan_secret = Canaries::SECRETS[:plan_secret]
    CrmSync.configuration.salesforce(:canary).password = Canaries::SECRETS[:password]
    CrmSync.configuration.salesforce(:canary).refresh_token = Canaries::SECRETS[:refresh_token]
    CrmSync.configuration.zendesk(:canary).api_token = Canaries::SECRETS[:api_token]
    CrmSync.configuration.zendesk(:canary).email = address("agent")
  end

  after do
    CrmSync.configuration.plan_secret = nil
    %i[@salesforce @zendesk].each { |name| CrmSync.configuration.instance_variable_get(name).delete(:canary) }
    GC.enable
  end

  it "is in every class of the gem" do
    bare = self.class.classes.reject do |found|
      found <= Exception || found.include?(described_class) || found.include?(CrmSync::ConfidentialRow)
    end
    expect(bare).to eq([])
  end

  it "lets nothing out of any object, log line, error or message" do
    lines = logged do
      contact_world
      contact_runs
      salesforce_stops
      partner_runs
    end
    expect(lines).not_to leak
    seen = self.class.classes.select { |found| ObjectSpace.each_object(found).any? }
    leaks = seen.flat_map do |found|
      ObjectSpace.each_object(found).first(enough).flat_map { |object| ways_out(object).map { |way| [found, way] } }
    end
    expect(leaks.uniq).to eq([])
    expect((self.class.classes - seen).map(&:name)).to match_array(unseen.values.flatten)
  end
end
