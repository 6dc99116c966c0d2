# frozen_string_literal: true

require "rails_helper"
require_relative "../../support/crm_sync_command"
require_relative "../../support/partner_world"

RSpec.describe "The stages of an organization sync" do
  include PartnerWorld
  include CrmSyncCommand

  let(:dir) { File.join(scratch, "stages") }

  before { CrmSync.configuration.plan_secret = CrmSyncCommand::PLAN_SECRET }

  after { CrmSync.configuration.plan_secret = nil }

  # Something of every kind: 3 creates, 2 updates, 2 marks, 1 unmark, a name that is taken.
  def something_of_every_kind
    accounts = [*(1..8).map { |number| account(number) }, account(20, Name: "A customer")]
    accounts[1] = account(2, Name: "Größe → 大", Partner_Track__c: "Select")
    organizations = [organization(4, account_owner: "Somebody"), organization(5, name: "Old name", support_hold: true),
                     organization(6, mark_for_deletion: true), organization(7), organization(8), organization(30),
                     organization(31), { "id" => 9, "name" => "A customer" }]
    partners(accounts, organizations)
  end

  # Returns the content of Zendesk, and the writes that led to it. Ids and times of created rows are the simulator's.
  def outcome
    rows = zendesk.organizations.map { |row| row.except("id", "url", "created_at", "updated_at") }
    [rows.sort_by { |row| row["name"] }, writes.map { |request| request.values_at("method", "body") }.sort]
  end

  def read(name)
    JSON.parse(File.read(File.join(dir, name)))
  end

  def change(name)
    File.write(File.join(dir, name), JSON.generate(yield(read(name))))
  end

  def stage(name, *options)
    run_crm_sync(name, CrmSyncCommand::PARTNERS, "--dir", dir, *options)
  end

  # All stages before the last, in this process.
  def planned
    PartnerSync.gather_accounts(dir:)
    PartnerSync.gather_organizations(dir:)
    PartnerSync.compare(dir:)
  end

  it "as four processes without Rails give the same writes as .call" do
    something_of_every_kind
    expect(PartnerSync.call.summary).to include(applied: { create: 3, update: 2, mark: 2, unmark: 1 }, issues: 1)
    called = outcome
    [zendesk, salesforce].each(&:stop)

    something_of_every_kind
    path = ruby_file("warn \"Rails: \#{defined?(Rails).inspect}\"\nload #{CrmSyncCommand::PARTNERS.inspect}\n")
    arguments = [path, "--dir", dir, "--detailed-exitcode"]
    side_by_side = %w[gather-accounts gather-organizations].map { |name| start_crm_sync(name, *arguments) }
    ended = [*side_by_side.map(&:wait), run_crm_sync("compare", *arguments)]
    expect(writes).to be_empty
    ended << run_crm_sync("apply", *arguments)

    expect(ended.map { |result| result.status.exitstatus }).to eq([0, 0, 2, 2])
    expect(ended.map(&:stderr)).to eq(["Rails: nil\n"] * 4)
    expect(outcome).to eq(called)
    expect(called.last.size).to be > 2
  end

  it "work where the locale says nothing about UTF-8" do
    something_of_every_kind
    %w[gather-accounts gather-organizations compare apply].each do |name|
      ended = run_crm_sync(name, CrmSyncCommand::PARTNERS, "--dir", dir, env: { "LANG" => "C", "LC_ALL" => "C" })
      expect([ended.status.exitstatus, ended.stderr]).to eq([0, ""]), name
    end
    expect(by_account.fetch(account_id(2)).first["name"]).to eq("Größe → 大")
  end

  it "say what they wrote where" do
    something_of_every_kind
    said = %w[gather-accounts gather-organizations compare apply].map do |name|
      JSON.parse(stage(name, "--json").stdout).tap { |json| expect(json["command"]).to eq(name) }
    end
    expect(said.map { |json| json["status"] }).to eq(%w[gathered gathered planned applied])
    lists = %w[creates.json updates.json not_in_sync.json plan.json].map { |name| { "file" => "#{dir}/#{name}" } }
    gathered = %w[zendesk_orgs.json zendesk_orgs_usgov.json].map do |name|
      { "file" => "#{dir}/#{name}", "organizations" => 8 }
    end
    run = [{ "zendesk" => zendesk.url, "changes" => 8 }, { "file" => "#{dir}/run.json" }]
    accounts = [{ "file" => "#{dir}/salesforce_accounts.json", "accounts" => 9 }]
    expect(said.map { |json| json["written"] }).to eq([accounts, gathered, lists, run])
    files = said.flat_map { |json| json["written"].filter_map { |written| written["file"] } }
    expect(files).to all(satisfy { |file| File.file?(file) })
    expect(said.last["ledger"]).to eq(read("run.json")["ledger"])
  end

  it "look nothing up, and remember at the end what the sources looked like" do
    partners((1..9).map { |number| account(number) }, (1..10).map { |number| organization(number) })
    planned
    expect(read("not_in_sync.json").first["reason"]).to eq("no account has the id #{account_id(10)}")
    expect(PartnerSync.apply(dir:).status).to eq(:applied)
    zendesk.replace([])
    expect(PartnerSync.plan).to be_blocked
  end

  it "apply a plan once: the second time all of it is done" do
    partners([account(1)], [organization(1, account_owner: "Somebody")])
    planned
    expect(PartnerSync.apply(dir:).status).to eq(:applied)
    sent = writes.size
    ended = crm_sync("apply", partners_file, "--dir", dir)
    expect(ended.stderr).to include("it was made by PartnerSync")
    ended = stage("apply", "--detailed-exitcode")
    expect([ended.status.exitstatus, writes.size]).to eq([0, sent])
    expect(ended.stdout).to start_with("unchanged: nothing to do, 1 done already")
  end

  describe "refuse" do
    # The stage fails, says so in one line, and nothing is written.
    def refused(name, *words)
      ended = crm_sync(name, partners_file, "--dir", dir)
      expect([ended.code, ended.stdout, ended.stderr.lines.size, writes]).to eq([1, "", 1, []])
      expect(ended.stderr).to start_with("crm_sync: #{dir}").and include(*words)
    end

    def gathered
      %w[gather-accounts gather-organizations].each { |name| crm_sync(name, partners_file, "--dir", dir) }
    end

    def planned
      gathered
      expect(crm_sync("compare", partners_file, "--dir", dir).code).to eq(0)
    end

    before { something_of_every_kind }

    it "to go on without the files of the stages before" do
      refused("apply", "plan.json: it is not there; run compare first")
      refused("compare", "gathered_accounts.json: it is not there; run gather-accounts first")
      crm_sync("gather-accounts", partners_file, "--dir", dir)
      refused("compare", "gathered_organizations.json: it is not there; run gather-organizations first")
      gathered
      File.delete(File.join(dir, "salesforce_accounts.json"))
      refused("compare", "salesforce_accounts.json")
    end

    it "with the method to call, in Ruby" do
      expect { PartnerSync.compare(dir:) }.to raise_error(CrmSync::FileError, /run gather_accounts first\z/) do |error|
        expect(error.stage).to eq(:gather_accounts)
      end
      gathered
      change("zendesk_orgs.json") { [] }
      expect { PartnerSync.compare(dir:) }
        .to raise_error(CrmSync::FileError, /gathered; run gather_organizations again\z/) do |error|
          expect(error.stage).to eq(:gather_organizations)
        end
    end

    it "accounts that were cut by hand" do
      gathered
      change("salesforce_accounts.json") { |accounts| accounts.drop(1) }
      refused("compare", "salesforce_accounts.json: it is not as it was gathered; run gather-accounts again")
    end

    it "an account that was given another owner by hand" do
      gathered
      change("salesforce_accounts.json") { |accounts| accounts.each { |row| row["Account_Owner_Calc__c"] = "Mallory" } }
      refused("compare", "salesforce_accounts.json: it is not as it was gathered; run gather-accounts again")
    end

    it "organizations of an older stage" do
      gathered
      change("zendesk_orgs.json") { |rows| rows.each { |row| row["name"] = "Mine" } }
      refused("compare", "zendesk_orgs.json: it is not as it was gathered; run gather-organizations again")
    end

    it "a file that was cut off, which is not as it was gathered before it is no JSON" do
      gathered
      path = File.join(dir, "zendesk_orgs.json")
      File.truncate(path, File.size(path) - 4)
      refused("compare", "zendesk_orgs.json: it is not as it was gathered; run gather-organizations again")
    end

    it "fields of the instance that were changed" do
      gathered
      change("gathered_organizations.json") { |facts| { **facts, "organization_fields" => [] } }
      refused("compare", "gathered_organizations.json: it was changed, or is not whole; run gather-organizations again")
    end

    it "what was gathered before there were seals" do
      gathered
      change("gathered_accounts.json") { |facts| facts.except("seal") }
      refused("compare", "gathered_accounts.json: it is not sealed; run gather-accounts again")
    end

    it "a list that was changed" do
      planned
      change("updates.json") { |updates| updates.drop(1) }
      refused("apply", "its changes are not those that were planned; run compare again")
    end

    ["{}", "null", "[1]", "[{}]", '[{"key":null}]'].each do |text|
      it "a list that is #{text}" do
        planned
        File.write(File.join(dir, "creates.json"), text)
        expect { PartnerSync.apply(dir:) }.to raise_error(CrmSync::FileError, /is no list of changes; run compare/)
      end
    end

    it "a list that writes what the declaration does not" do
      planned
      change("updates.json") { |updates| updates.each { |entry| entry["after"]["tags"] = ["vip"] } }
      refused("apply", "it writes tags, which the declaration does not; run compare again")
    end

    it "a plan that was changed, so that budgets would reach further" do
      planned
      change("plan.json") { |plan| { **plan, "could_suffer" => { "mark" => 100_000, "clear" => 100_000 } } }
      refused("apply", "it was changed, or is not whole; run compare again")
    end

    it "a plan that is cut short" do
      planned
      path = File.join(dir, "plan.json")
      File.write(path, File.read(path)[0, 100])
      refused("apply", "plan.json: it is not whole, or no JSON; run compare again")
    end

    it "a plan for another instance" do
      planned
      others = zendesk
      something_of_every_kind
      refused("apply", "it was made for the Salesforce org http", "; run compare again")
    ensure
      others&.stop
    end

    it "to take a reformatted plan for a changed one" do
      planned
      change("plan.json") { |plan| plan }
      change("creates.json") { |creates| creates }
      expect(crm_sync("apply", partners_file, "--dir", dir).code).to eq(0)
    end
  end

  describe "end with the code of what they come to" do
    # The codes of compare and apply, with and without --detailed-exitcode.
    def codes
      [[], ["--detailed-exitcode"]].flat_map do |more|
        %w[gather-accounts gather-organizations].each { |name| crm_sync(name, file, "--dir", dir) }
        %w[compare apply].map { |name| crm_sync(name, file, "--dir", dir, *more).code }
      end
    end

    let(:file) { partners_file }

    it "where there is nothing to do" do
      partners([account(1)], [organization(1)])
      PartnerSync.call
      expect(codes).to eq([0, 0, 0, 0])
    end

    it "where a budget holds something back" do
      partners((1..12).map { |number| account(number) }, (1..18).map { |number| organization(number) })
      expect(codes).to eq([3, 3, 3, 3])
      expect(crm_sync("apply", file, "--dir", dir, "--allow", "mark:6").code).to eq(0)
    end

    it "where a source looks wrong" do
      partners([], [organization(1)])
      expect(codes).to eq([3, 3, 5, 5])
      expect(writes).to be_empty
    end

    it "where a side cannot be read" do
      partners([account(1)], [], salesforce: { faults: [{ on: :query, answer: :html }] })
      expect(crm_sync("gather-accounts", file, "--dir", dir).code).to eq(1)
      expect(Dir.children(dir)).not_to include("salesforce_accounts.json", "gathered_accounts.json")
    end

    it "where the folder cannot be made" do
      partners([account(1)], [])
      ended = crm_sync("gather-accounts", file, "--dir", ruby_file("", "no_folder"))
      expect(ended.code).to eq(1)
      expect(ended.stderr).to match(/\Acrm_sync: \S+no_folder: it cannot be made: /)
    end
  end
end
