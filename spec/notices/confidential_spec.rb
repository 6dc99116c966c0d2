# frozen_string_literal: true

require "rails_helper"
require_relative "../support/canaries"
require_relative "../support/confidential_world"

# Plants secrets and addresses, runs both syncs with all that belongs to them, and looks at every object that is left.
RSpec.describe CrmSync::Confidential do
  include Canaries
  include ConfidentialWorld

  # Classes of which no object is there at the end, and why. One that is not named here has to be made by the world.
  unseen = {
    "has no objects" => %w[History],
    "is gone when the digest is made" => %w[Native::Digest],
    "is gone when the rows are inserted" => %w[Database::PlainInsert],
    "is gone when the waits have their limits back" => %w[Database::BusyTimeout],
    "a sync is its class" => %w[ContactSync OrganizationSync],
    "is a base of others" => %w[Internal::Planner Internal::Doctor],
    "is gone when its findings are made" => %w[Contacts::Doctor Contacts::IndexAdvice Contacts::PicklistAdvice
                                               Contacts::WriteBackCheck Internal::DescribedFields
                                               Organizations::Doctor],
    "is gone when the advice on indexes is given" => %w[Contacts::JoinColumns::Side Database::PostgreSQLSearch
                                                        Database::Search Database::SQLiteSearch],
    "a namespace only" => %w[State],
    "remembers without a history" => %w[SpendingBook],
    "is gone when its declaration has been read" => %w[Contacts::LeadRules],
    "needs SQLite" => %w[Database::SQLite Database::SQLiteTexts Database::Driver::SQLite],
    "needs a database without the tables" => %w[SyncHistory::NotInstalled],
    "needs a process without a database" => %w[Lock::File Lock::Memory State::Folder],
    "is made when a connection is lost, or Salesforce does not work" => %w[Lock::Lost Lock::Taken Outage],
    "is made behind a pooler" => %w[Lock::Shared],
    "would be a fault of this gem" => %w[InternalError],
    "needs another process" => %w[Locked],
    "a word that no sync here says" => %w[Contacts::Declaration::BatchHook Contacts::Declaration::LinkHook
                                          Contacts::LinkPlace::Row Contacts::Reference Contacts::ReferredRows
                                          Contacts::Declaration::Protection Internal::Declaration::Alarm
                                          Internal::Partitioning
                                          Organizations::Declaration::OlderThan],
    "is made where the app puts back what was written" => %w[Contacts::Answers::Answer Contacts::ReadBack::Unlike
                                                             Contacts::ReadBack::PutBack Contacts::ReadBack::Found
                                                             Contacts::LateLook::Unlike],
    "is made where the model cannot read a value" => %w[Contacts::UnreadableValue],
    "is made where the app moves what a batch stands on" => %w[Contacts::RecordTransaction::Moved],
    "is made where one of the users who change places cannot" => %w[Contacts::Exchange::Failed
                                                                    Contacts::Exchange::Stopped],
    "is gone when what waited has been decided on" => %w[Contacts::Causes::Verdict Contacts::Causes::Based
                                                         DueRows DueRows::Row OutboxSifting OutboxSifting::Write],
    "looks for a value while a change is written, or somebody asks" => %w[Contacts::ValueSearch Contacts::Owners],
    "is made where more is planned than a budget allows" => %w[Budgets::Overdrawn],
    "is made where hundreds share addresses with one user" => %w[NeedsFullRun],
    "has counts only" => %w[SourceDrift::Jump],
    "is made when a record did not come" => %w[Internal::Sight],
    "never leaves a comparison" => %w[Comparison::Value::Unfit]
  }

  # Objects of one class that are looked at.
  enough = 15

  # The generator is Rails' own kind, and is loaded only where it runs.
  def self.classes
    ObjectSpace.each_object(Class).select { |found| found.name&.match?(/\ACrmSync::(?!Generators::)/) }
  end

  it "is in every class of the gem" do
    bare = self.class.classes.reject do |found|
      found <= Exception || found.include?(described_class) || found.include?(CrmSync::ConfidentialRow)
    end
    expect(bare).to eq([])
  end

  it "hides nothing that a superclass says of itself, in whatever order classes are found" do
    parent = Class.new { def as_json(*) = { "shown" => 1 } }
    child = Class.new(parent) { def as_json(*) = { **super, "more" => 2 } }
    [parent, child].each { |made| allow(made).to receive(:name).and_return("CrmSync::Made") }
    allow(ObjectSpace).to receive(:each_object).with(Class).and_return([child, parent].each)
    described_class.cover
    expect(child.new.as_json).to eq("shown" => 1, "more" => 2)
  end

  context "when all has been done" do
    using_database :postgresql

    def models
      [CrmSync::ChangeRow, CrmSync::RunRow, CrmSync::StateRow, CrmSync::OutboxRow]
    end

    it "has let nothing out of any object, log line, error, message or file" do
      stub_const("CrmSync::Contacts::Need::FEW", -1)
      stub_const("CrmSync::Contacts::Need::SHARE", 1_000)
      expect(watch_everything).to all(satisfy { |text| !leaks?(text) })
      expect(@errors.map(&:message)).to include(/the query on (Contact|Lead) failed: .*\[secret\]/,
                                                /the sign-in .*\[secret\]/,
                                                /Notes: no \[address\] here/)
      @rows = models.flat_map { |model| [model.new, *model.all] } # which the collector may have taken
      seen = ours
      leaks = seen.flat_map do |found, objects|
        objects.first(enough).flat_map { |object| ways_out(object).map { |way| [found, way] } }
      end
      expect(leaks.uniq).to eq([])
      expect(secrets_in_files).to eq([])
      # The command is loaded only where it is run; what it says of secrets is looked at in its own spec.
      expected = self.class.superclass.classes.reject { |found| found.name.start_with?("CrmSync::CommandLine") }
      # Other examples may have made the rows of another database, which go by the same name.
      expected.reject! { |found| found.superclass&.name == found.name }
      missing = expected - seen.keys.flat_map(&:ancestors)
      expect(missing.map { |found| found.name.delete_prefix("CrmSync::") } - unseen.values.flatten).to eq([])
    end

    it "says of a plan and a run what a machine can use" do
      contact_world
      plan = UpdateUserSalesforceInfo.plan
      shown = JSON.parse(plan.to_json)
      expect(shown).to eq(JSON.parse(JSON.generate(plan))).and eq(JSON.parse(UpdateUserSalesforceInfo.plan.to_json))
      expect(shown["summary"]).to include("blocked" => false, "changes" => include("link" => 3))
      link = shown["changes"].find { |change| change["action"] == "link" }
      expect(link).to include("key" => Integer, "contact_id" => /\A003/, "reason" => /this user's address/,
                              "after" => include("faculty_status" => "confirmed_faculty"))
      run = plan.apply
      expect(JSON.parse(run.to_json)).to include("status" => run.status.to_s, "id" => run.id,
                                                 "applied" => have_attributes(size: run.applied.size))
    end

    it "says what is to be used in the place of a dump" do
      contact_world
      plan = UpdateUserSalesforceInfo.plan
      [CrmSync.configuration, plan.changes.first, plan, plan.apply].each do |object|
        [-> { Marshal.dump(object) }, -> { object.to_yaml }, -> { YAML.dump([object]) }].each do |dump|
          expect(&dump).to raise_error(CrmSync::NotDumpable,
                                       /a #{object.class} may hold .*Marshal or YAML; (config|save|keep)/)
        end
      end
    end
  end

  it "shows no value of a column that filter_parameters name, and no address in any other" do
    allow(ActiveRecord::Base).to receive(:filter_attributes).and_return([:phone])
    change = CrmSync::Change.new(action: :update, key: 1, before: { phone: "555-1", note: nil },
                                 after: { phone: "555-2", note: { "mail" => "ann@b.edu" } }, reason: "r", budgets: [])
    expect(change.as_json).to include("before" => { "phone" => "[FILTERED]", "note" => "nil" })
    expect([change.as_json, change.to_s, change.inspect].join).not_to match(/555|ann/)
  end

  it "is what Ruby's own errors name of an object" do
    expect { CrmSync.configuration.no_such_setting }.to raise_error(NoMethodError) { |error|
      expect(error.full_message).not_to leak
    }
  end
end
