# frozen_string_literal: true

require "rails_helper"
require_relative "../support/crm_sync_command"
require_relative "../support/partner_world"

# Cron, containers and CI start processes with LANG=C, in which Ruby takes text from outside for ASCII, and without
# HOME. Files of ours are UTF-8, and so is what people type.
RSpec.describe "A bare environment" do
  include PartnerWorld
  include CrmSyncCommand

  ascii = { "LANG" => "C", "LC_ALL" => "C", "LC_CTYPE" => nil }
  name = "Müller 株式会社 → Zürich"

  let(:file) { partners_file }
  let(:env) { { **ascii, "CRM_SYNC_STATE_DIR" => File.join(scratch, "Gedächtnis") } }
  let(:dir) { File.join(scratch, "Verträge") }

  def commands(*all)
    all.map { |arguments| run_crm_sync(*arguments, env:) }
  end

  it "with LANG=C does not keep the stages from reading each other's files" do
    partners([account(1, Name: name), account(2)], [organization(2, account_owner: "Ödön"), organization(3)])
    stages = %w[gather-accounts gather-organizations compare apply]
    ended = commands(*stages.map { |stage| [stage, file, "--dir", dir] })
    expect(ended.map { |child| [child.status.exitstatus, child.stderr] }).to eq([[0, ""]] * 4)
    expect(ended[2].stdout.force_encoding("UTF-8")).to include(name, "Ödön → Owner 2")
    expect(zendesk.organizations.map { |row| row["name"] }).to include(name)
  end

  it "with LANG=C does not keep a second run from reading what the first one remembers, and from saying where" do
    partners([account(1, Name: name)], [])
    ended = commands(["run", file], ["run", file, "--json"], ["explain", file, account_id(1)])
    expect(ended.map { |child| [child.status.exitstatus, child.stderr] }).to eq([[0, ""]] * 3)
    expect(ended.last.stdout.force_encoding("UTF-8")).to include(name)
    remembered = Dir[File.join(scratch, "Gedächtnis/crm_sync/*.json")].each { |path| File.write(path, "nö") }
    expect(remembered).not_to be_empty
    said = run_crm_sync("run", file, env:).stderr.force_encoding("UTF-8")
    expect(said).to include("Gedächtnis/crm_sync/", "cannot be read as")
  end

  it "with LANG=C does not keep messages from repeating what was typed" do
    ended = run_crm_sync("plan", "Größe → nirgends.rb", "--json", env: ascii)
    expect(ended.stderr.force_encoding("UTF-8")).to eq("crm_sync: Größe → nirgends.rb: there is no such file\n")
    expect(ended.stdout.force_encoding("UTF-8")).to include("Größe → nirgends.rb")
  end

  it "with LANG=C does not keep a saved plan from being loaded, in a process without Rails" do
    partners([account(1, Name: name)], [])
    path = File.join(scratch, "plän.json")
    code = "require 'crm_sync'; load ARGV[0]; CommandedSync.plan.save(ARGV[1]); puts CrmSync::Plan.load(ARGV[1])"
    ended = run_command(RbConfig.ruby, "-I#{Leftovers::CHECKOUT}/lib", "-e", code, file, path,
                        env: { **environment, **env }, chdir: scratch)
    expect(ended.stderr).to eq("")
    expect(ended.stdout.force_encoding("UTF-8")).to include(name)
  end

  it "with LANG=C does not keep a secret from being sent as it is" do
    partners([account(1)], [])
    code = "require 'crm_sync'; puts CrmSync.configuration.salesforce.client_secret.inspect.size, " \
           "CrmSync::Salesforce.client.query('SELECT Id FROM Account').to_a.size"
    secret = { "CRM_SYNC_SALESFORCE_CLIENT_SECRET" => "schlüssel" }
    ended = run_command(RbConfig.ruby, "-I#{Leftovers::CHECKOUT}/lib", "-e", code,
                        env: { **environment, **env, **secret }, chdir: scratch)
    expect([ended.stderr, ended.stdout.lines.last]).to eq(["", "1\n"])
  end

  it "without a home folder has the message name the setting" do
    hide_const("Rails")
    CrmSync.configuration.state_dir = nil
    stub_const("ENV", ENV.to_h.except("XDG_STATE_HOME"))
    allow(Dir).to receive(:home).and_raise(ArgumentError, "couldn't find home for uid `12345'")
    expect { CrmSync::PrivateFolder.state }
      .to raise_error(CrmSync::ConfigurationError, /state_dir in CrmSync.configure, or CRM_SYNC_STATE_DIR\z/)
  end
end
