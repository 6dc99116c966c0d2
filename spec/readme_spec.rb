# frozen_string_literal: true

require "rails_helper"
require "crm_sync/command_line"
require "psych"
require_relative "support/partner_world"

# What README.md shows is run, and what it lists is compared with the code. HTML comments in it say what is what.
RSpec.describe "README.md" do
  readme = File.read(File.join(Leftovers::CHECKOUT, "README.md"))
  block = ->(mark) { readme[/^<!-- #{Regexp.escape(mark)} -->\n```\w*\n(.*?)^```$/m, 1] || raise("no #{mark}") }
  table = lambda do |mark|
    rows = readme[/^<!-- #{mark} -->\n(.*?)\n\n/m, 1] || raise("no #{mark}")
    rows.lines.drop(2).map { |row| row.gsub("\\|", "\0").split("|").map { |cell| cell.tr("\0", "|").strip }.drop(1) }
  end

  def captured
    $stdout = StringIO.new
    yield
    $stdout.string
  ensure
    $stdout = STDOUT
  end

  def contact(letter, email, status)
    { "Id" => "0034C00000VaYf#{letter}QAV", "Email" => email, "Faculty_Verified__c" => status }
  end

  context "with a database" do
    using_database :sqlite

    it "has an example that writes what it says" do
      create_user(id: 1, email: "ann@b.edu")
      create_user(id: 2, salesforce_contact_id: "0034C00000VaYfLQAV")
      create_user(id: 3, salesforce_contact_id: "0034C00000VaYfMQAV", faculty_status: :confirmed_faculty)
      create_user(id: 4, email: "dee@b.edu")
      contacts = [contact("K", "Ann@b.edu", "Confirmed"), contact("L", "bob@b.edu", "Pending"),
                  contact("M", "cy@b.edu", "Ask Kim"), contact("N", "eve@b.edu", nil)]
      written = CrmSync::Testing::Salesforce.start(records: { "Contact" => contacts }) do
        captured { eval(block["run: example"], TOPLEVEL_BINDING.dup, "README.md") } # rubocop:disable Security/Eval
      end
      shown = block["output: example"]
      expect(written.gsub(/in \d+\.\d s\b/, "in 0.1 s")).to eq(shown)
    ensure
      Object.send(:remove_const, :TeacherSync) if Object.const_defined?(:TeacherSync)
    end

    it "shows what can be typed in a console" do
      create_user(id: 7, email: "ann@b.edu")
      records = { "Contact" => [contact("K", "ann@b.edu", nil)], "Lead" => [] }
      written = CrmSync::Testing::Salesforce.start(records:) do
        captured { eval(block["run: console"], TOPLEVEL_BINDING.dup, "README.md") } # rubocop:disable Security/Eval
      end
      expect(written).to include("applied: 1 link", "user 7\n  linked to contact 0034C00000VaYfKQAV")
    end

    it "shows what the history is good for" do
      create_user(id: 7, email: "ann@b.edu")
      records = { "Contact" => [contact("K", "ann@b.edu", nil)], "Lead" => [] }
      written = CrmSync::Testing::Salesforce.start(records:) do
        captured { eval(block["run: history"], TOPLEVEL_BINDING.dup, "README.md") } # rubocop:disable Security/Eval
      end
      expect(written).to include("applied: 1 undo, 1 issue", "what followed the changes of run",
                                 "salesforce_contact_id: 0034C00000VaYfKQAV → nil", "undone: salesforce_contact_id")
      expect(CrmSync::ChangeRow.order(:id).pluck(:action)).to eq(%w[link undo thaw])
    end

    it "shows how a plan is kept and applied elsewhere" do
      create_user(email: "ann@b.edu")
      records = { "Contact" => [contact("K", "ann@b.edu", nil)], "Lead" => [] }
      code = block["run: saved plan"].gsub("tmp/sync.plan", File.join(scratch, "sync.plan"))
      CrmSync::Testing::Salesforce.start(records:) do
        captured { eval(code, TOPLEVEL_BINDING.dup, "README.md") } # rubocop:disable Security/Eval
      end
      expect(User.first.salesforce_contact_id).to be_present
    end

    it "shows how a sync is run beside an old routine" do
      create_user(email: "ann@b.edu")
      stub_const("OldRoutine", Class.new { def self.call; end })
      CrmSync::Testing::Salesforce.start(records: { "Contact" => [contact("K", "ann@b.edu", nil)], "Lead" => [] }) do
        written = captured { eval(block["run: shadow"], TOPLEVEL_BINDING.dup, "README.md") } # rubocop:disable Security/Eval
        expect(written).to include("1 run, 0 changes alike, 1 difference", "not done: 1")
      end
    end

    it "shows what the client does" do
      create_user(email: "ann@b.edu")
      records = { "Contact" => [contact("K", "ann@b.edu", nil)], "Lead" => [] }
      CrmSync::Testing::Salesforce.start(records:) do |salesforce|
        written = captured { eval(block["run: client"], TOPLEVEL_BINDING.dup, "README.md") } # rubocop:disable Security/Eval
        expect(written).to eq("1\n")
        expect(salesforce.records("Contact").first["Fax"]).to eq("1")
      end
    end

    context "with the examples for RSpec" do
      let(:user) { create_user(email: "ann@b.edu") }

      class_eval(block["run: rspec"], "README.md")
    end
  end

  context "with partners" do
    include PartnerWorld

    let(:accounts) do
      open = { "Type" => "Partner", "Track__c" => "Open", "OwnerId" => "005000000000001AAA" }
      [["K", "New Co"], ["L", "Big Co", { "Track__c" => "Select", "OwnerId" => "005000000000002AAA" }],
       ["M", "Same Co"], ["N", "Back Co"], ["P", "small co"]].map do |letter, name, others|
        { "Id" => "0014C00000VaYf#{letter}QAV", "Name" => name, **open, **others.to_h }
      end
    end
    let(:organizations) do
      [["Big Co", "L"], ["Same Co", "M"], ["Back Co", "N", { "mark_for_deletion" => true }], ["Gone Co", "Q"],
       ["Small Co"], ["Other Co"]].each.with_index(1).map do |(name, letter, others), id|
        partner = { "salesforce_id" => "0014C00000VaYf#{letter}QAV", "account_owner" => "Ann",
                    "account_type" => "open_partner", **others.to_h }
        { "id" => id, "name" => name, "organization_fields" => letter ? partner : { "account_type" => "customer" } }
      end
    end
    let(:users) { { "005000000000001AAA" => "Ann", "005000000000002AAA" => "Bob" } }

    it "has a first plan that needs no org, and gives what it says" do
      written = captured { eval(block["run: first plan"], TOPLEVEL_BINDING.dup, "README.md") } # rubocop:disable Security/Eval
      expect(written).to eq(block["output: first plan"])
    ensure
      Object.send(:remove_const, :FirstSync) if Object.const_defined?(:FirstSync)
    end

    it "has an example of organizations that writes what it says" do
      gone = { "Id" => "0014C00000VaYfQQAV", "IsDeleted" => true }
      records = { "Account" => [*accounts, gone], "User" => users.map { |id, name| { "Id" => id, "Name" => name } } }
      partners([], organizations, salesforce: { records:, fields: {} })
      context = TOPLEVEL_BINDING.dup
      written = captured { eval(block["run: organizations"], context, "README.md") } # rubocop:disable Security/Eval
      expect(written.gsub(/in \d+\.\d s\b/, "in 0.1 s")).to eq(block["output: organizations"])
      budgets = context.local_variable_get(:plan).kept["could_suffer"].keys
      expect(table["organization budgets"].map(&:first)).to eq(budgets.map { |budget| "`#{budget}`" })
    ensure
      Object.send(:remove_const, :ResellerSync) if Object.const_defined?(:ResellerSync)
    end

    it "shows the stages, and the files that they leave" do
      partners([account(1), account(2)], [organization(1), organization(3)])
      written = Dir.chdir(scratch) do
        captured { eval(block["run: stages"], TOPLEVEL_BINDING.dup, "README.md") } # rubocop:disable Security/Eval
      end
      expect(written).to include("PartnerSync: 2 changes, 0 issues", "applied: 1 create, 1 mark")
      listed = table["files"].map { |row| row.first.delete("`") }
      expect(listed).to match_array(Dir.children(File.join(scratch, "data")) - ["zendesk_orgs_usgov.json"])
    end
  end

  context "with the examples for Zendesk" do
    class_eval(block["run: zendesk"], "README.md")
  end

  it "shows what the Zendesk client does" do
    fields = [{ key: "account_type", type: :dropdown, custom_field_options: ["open_partner"] }]
    CrmSync::Testing::Zendesk.start(organization_fields: fields, clock_speed: 50) do |zendesk|
      written = captured { eval(block["run: zendesk client"], TOPLEVEL_BINDING.dup, "README.md") } # rubocop:disable Security/Eval
      expect(written).to match(/\AZendesk: the update of organization 8 failed: .*not found.*\n\z/)
      expect(zendesk.organizations.map { |row| row.values_at("name", "notes") }).to eq([["Big Co", "Call Ann"]])
    end
  end

  it "shows what the comparing and the matching give" do
    context = TOPLEVEL_BINDING.dup
    blocks = readme.scan(/^<!-- results -->\n```\w*\n(.*?)^```$/m).flatten
    expect(blocks.size).to eq(2)
    blocks.flat_map(&:lines).each do |line|
      expression, result = line.split("# =>")
      given = eval(expression, context, "README.md") # rubocop:disable Security/Eval
      expect(given).to eq(eval(result)), line if result # rubocop:disable Security/Eval
    end
  end

  it "shows a configuration that can be set" do
    configuration = CrmSync::Configuration.new
    allow(CrmSync).to receive(:configuration).and_return(configuration)
    eval(block["run: configuration"], TOPLEVEL_BINDING.dup, "README.md") # rubocop:disable Security/Eval
    expect(configuration.salesforce.read_timeout).to eq(30.0)
    expect(configuration.zendesk(:usgov).share).to eq(0.25)
  end

  it "shows a schedule that calls the sync of its example" do
    called = []
    stub_const("TeacherSync", Class.new { define_singleton_method(:call) { |**options| called << options } })
    schedule = Object.new
    schedule.define_singleton_method(:every) { |_, &job| instance_eval(&job) }
    schedule.define_singleton_method(:runner) { |code| eval(code, TOPLEVEL_BINDING.dup, "README.md") } # rubocop:disable Security/Eval
    Time.use_zone("UTC") { schedule.instance_eval(block["run: cron"], "README.md") }
    expect(called).to match([{ allow_error_email: true }]).or match([{ allow_error_email: false }])
    expect(block["run: example"]).to include("class TeacherSync <")
  end

  it "lists every setting with its variable and default" do
    rows = %w[Salesforce Zendesk].flat_map do |service|
      CrmSync::Configuration.const_get("#{service}Settings").const_get(:DEFAULTS).map do |name, default|
        ["`#{service.downcase}.#{name}`", "`CRM_SYNC_#{service.upcase}_#{name.upcase}`",
         default ? "`#{default.inspect}`" : "none"]
      end
    end
    expect(table["settings"].map { |name, variable, _, default| [name, variable, default] }).to include(*rows)
  end

  it "lists every setting that belongs to no service, and so does the initializer" do
    names = CrmSync::Configuration.public_instance_methods(false).filter_map { |name| name[/\A(\w+)=\z/, 1] }
    expect(table["settings"].map(&:first)).to include(*names.map { |name| "`#{name}`" })
    template = "lib/generators/crm_sync/install/templates/initializer.rb.tt"
    initializer = File.read(File.join(Leftovers::CHECKOUT, template))
    expect(initializer.scan(/config\.(\w+) +=/).flatten).to include(*names)
  end

  describe "of the command line" do
    commands = CrmSync::CommandLine::App.commands

    it "lists every command" do
      listed = table["commands"].map { |row| row.first[/`crm_sync ([\w-]+)/, 1] }
      expect(listed).to match_array(commands.values.map { |command| command.usage[/\A[\w-]+/] } - ["help"])
    end

    it "lists every exit code" do
      rows = CrmSync::CommandLine::ExitCodes::TABLE.map do |status, row|
        ["`#{status}`", row.code.to_s, row.detailed.to_s, row.meaning]
      end
      expect(table["exit codes"].map { |row| row.first(4) }).to eq(rows)
    end

    it "shows a pipeline of commands that there are" do
      scripts = Psych.safe_load(block["pipeline"]).values.grep(Hash).filter_map { |job| job["script"] }
      expect(scripts.size).to eq(4)
      scripts.each do |script|
        name, file, *options = script.delete_prefix("bundle exec crm_sync ").sub("$ALLOW", "--allow mark:20").split
        expect(file).to eq("partners.rb")
        parsed = Thor::Options.new(commands.fetch(name.tr("-", "_")).options).parse(options)
        expect(parsed).to include("dir" => "partners")
      end
    end

    it "shows a pipeline whose stages know what the last run saw, and sign the plan" do
      expect(block["pipeline"]).to include("CRM_SYNC_PLAN_SECRET")
      pipeline = Psych.safe_load(block["pipeline"])
      jobs = pipeline.select { |_, job| job.is_a?(Hash) && job["extends"] }
      caches = jobs.transform_values { |job| pipeline.dig(job["extends"], "cache").to_h.merge(job["cache"].to_h) }
      policies = { "gather accounts" => "pull", "gather organizations" => "pull", "compare" => "pull",
                   "apply" => "pull-push" }
      expect(caches.transform_values { |cache| cache["policy"] }).to eq(policies)
      expect(caches.values.map { |cache| cache["paths"] }.uniq).to eq([["state/"]])
    end
  end

  it "lists every error" do
    constants = CrmSync.constants.map { |name| CrmSync.const_get(name) }
    errors = constants.select { |constant| constant.is_a?(Class) && constant < CrmSync::Error }
    listed = table["errors"].flat_map { |row| row.first.scan(/\w+/) }
    expect(listed).to include(*errors.map { |error| error.name.demodulize })
  end

  {
    "words" => [CrmSync::Dsl, CrmSync::Contacts::Dsl, CrmSync::Contacts::Guards, CrmSync::Contacts::Reads,
                CrmSync::Contacts::Writes, CrmSync::Contacts::Trust, CrmSync::Contacts::LeadRules],
    "organization words" => [CrmSync::Dsl, CrmSync::Organizations::Dsl]
  }.each do |mark, places|
    it "lists every one of the #{mark} of a declaration" do
      words = places.flat_map { |place| place.public_instance_methods(false) }
      words -= %i[declaration assignments here symbol list]
      said = table[mark].map { |row| row.first[/`(\w+)/, 1].to_sym }
      said += CrmSync::Dsl.public_instance_methods(false) if mark == "organization words" # which are those of contacts
      expect(said.uniq).to include(*words)
    end
  end

  it "lists every fault, as the simulator takes it" do
    answers = table["faults"].map { |row| eval(row.first.delete("`")) } # rubocop:disable Security/Eval
    faults = answers.map { |answer| { on: :query, answer: } }
    CrmSync::Testing::Salesforce.start(records: {}, faults:).stop
    source = File.read(File.join(Leftovers::CHECKOUT, "simulator/src/salesforce/fault.rs"))
    known = source[/pub enum Answer \{(.*?)^\}/m, 1].scan(/^    ([A-Z]\w*)/).flatten
    names = answers.map { |answer| answer.is_a?(Hash) ? answer.keys.first : answer }
    expect(names).to match_array(known.map { |name| name.underscore.to_sym })
  end

  it "names the Rust that is needed" do
    needed = File.read(File.join(Leftovers::CHECKOUT, "Cargo.toml"))[/^rust-version = "(.*)"/, 1]
    expect(readme).to include("Rust #{needed} or newer")
  end
end
