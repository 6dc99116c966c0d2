# frozen_string_literal: true

require "rails_helper"
require_relative "../support/partner_world"

RSpec.describe CrmSync::Organizations::Doctor do
  include PartnerWorld

  def findings(level, sync = PartnerSync)
    found = sync.doctor.findings.select { |finding| finding.level == level }
    found.map { |finding| "#{finding.topic}: #{finding.message}" }
  end

  # The levels by topic. There is a database if another spec of this process has made it.
  def levels(diagnosis)
    findings = diagnosis.findings.reject { |finding| %w[tables writes lock].include?(finding.topic) }
    findings.map { |finding| [finding.topic, finding.level] }
  end

  it "finds nothing where everything is right, and writes nothing" do
    partners([account(1)], [])
    diagnosis = PartnerSync.doctor
    expect(diagnosis).to be_healthy
    expect(levels(diagnosis))
      .to eq(%w[declaration Salesforce permission accounts Zendesk fields Zendesk].product([:ok]))
    expect(writes).to eq([])
  end

  it "tells of several lacks at once, each with its line" do
    partners([account(1)], [])
    sync = partners_with do
      field :notes_on_it, from: "Name_of_Owner__c"
      field :account_owner, from: "account_owner_calk__c"
    end
    expect(findings(:problem, sync)).to contain_exactly(
      match(
        /\Aaccounts: \S+_spec\.rb:\d+: .* sees no Account\.account_owner_calk__c; did you mean Account_Owner_Calc__c\?$/
      ).and(match(/^\S+_spec\.rb:\d+: .* sees no Account\.Name_of_Owner__c; add it or correct the name\z/)),
      /\Afields: .*doctor_spec\.rb:\d+: the organization field notes_on_it is not there in .*; define it/
    )
  end

  it "leaves fields of parents, and objects that are not there, to the query" do
    partners([account(1)], [])
    parent = partners_with("ParentSync") { field :account_owner, from: "Owner.Name" }
    object = partners_with("ObjectSync") { accounts "Acount", key: "Account_ID_18__c" }
    expect([parent, object].map { |sync| findings(:problem, sync) })
      .to match([[/\Aaccounts: \S+doctor_spec\.rb:\d+: .*'Owner'/m], [/\Aaccounts: \S+doctor_spec\.rb:\d+: .*Acount/m]])
  end

  it "checks the services although the declaration is not complete" do
    partners([account(1)], [])
    sync = stub_const("HalfSync", Class.new(CrmSync::OrganizationSync) { accounts "Account", key: "Id" })
    expect(levels(sync.doctor))
      .to eq([["declaration", :problem], ["Salesforce", :ok], ["permission", :ok], ["Zendesk", :ok]])
  end

  it "tells of both services what they say about a sign-in" do
    wrong = { client_secret: "right", settings: { client_secret: "wrong" } }
    partners([account(1)], [], salesforce: wrong, zendesk: wrong)
    expect(findings(:problem)).to contain_exactly(/\ASalesforce: /, /\AZendesk: /, /\AZendesk: /)
  end

  it "tells of a state folder that cannot be written, where there is no database" do
    partners([account(1)], [])
    allow(CrmSync::State).to receive(:database?).and_return(false)
    Dir.mktmpdir do |folder|
      file = File.join(folder, "file").tap { |path| File.write(path, "") }
      CrmSync.configuration.state_dir = File.join(file, "state")
      expect(findings(:problem)).to contain_exactly(/\Alock: .*may not create anything in #{file}; .* state_dir/)
      CrmSync.configuration.state_dir = File.join(folder, "new", "state")
      expect([findings(:problem), Dir.children(folder)]).to eq([[], ["file"]])
    end
  end

  it "lists the settings that are missing" do
    expect(findings(:problem)).to include(/\ASalesforce: salesforce\.host is not set.*client_secret is not set/m,
                                          /\AZendesk: zendesk\(:global\)\.host is not set/)
  end
end
