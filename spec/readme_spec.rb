# frozen_string_literal: true

require "rails_helper"

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
      expect(written.gsub(/in \d+\.\d s$/, "in 0.1 s")).to eq(shown)
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

  it "shows the dummy's schedule" do
    mark = "same: spec/dummy/config/schedule.rb"
    expect(File.read(File.join(Leftovers::CHECKOUT, mark.delete_prefix("same: ")))).to end_with(block[mark])
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

  it "lists every error" do
    constants = CrmSync.constants.map { |name| CrmSync.const_get(name) }
    errors = constants.select { |constant| constant.is_a?(Class) && constant < CrmSync::Error }
    listed = table["errors"].flat_map { |row| row.first.scan(/\w+/) }
    expect(listed).to include(*errors.map { |error| error.name.demodulize })
  end

  it "lists every word of a declaration" do
    places = [CrmSync::Contacts::Dsl, CrmSync::Contacts::Reads, CrmSync::Contacts::Trust, CrmSync::Contacts::LeadRules]
    words = places.flat_map { |place| place.public_instance_methods(false) } - %i[declaration assignments here list]
    expect(table["words"].map { |row| row.first[/`(\w+)/, 1].to_sym }.uniq).to include(*words)
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
