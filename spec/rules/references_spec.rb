# frozen_string_literal: true

require "rails_helper"
require "support/both_writers"

# A belongs_to that follows the contact.
RSpec.describe "reference" do
  include BothWriters

  # Makes schools, to which the users of the dummy can belong.
  def self.with_schools(database)
    using_database database, fresh: true
    before(:context) do
      connection = ActiveRecord::Base.connection
      connection.create_table(:schools) do |t|
        t.string :name
        t.string :salesforce_id
        t.integer :code
      end
      connection.add_column :users, :school_id, :bigint
      User.reset_column_information
    end
    after(:context) { User.reset_column_information }
    before { models }
  end

  def models
    stub_const("School", Class.new(ApplicationRecord) { self.table_name = "schools" })
    stub_const("Teacher", Class.new(ApplicationRecord) do
      self.table_name = "users"
      has_many :contact_infos, foreign_key: :user_id, inverse_of: false
      belongs_to :school, optional: true
      belongs_to :active_school, -> { where(name: "a") }, class_name: "School", foreign_key: :school_id, optional: true
      belongs_to :academy, foreign_key: :school_id, optional: true
    end)
  end

  def teachers(name = "TeacherSync", &declaration) # rubocop:disable Naming/BlockForwarding -- Ruby 3.3.0 forbids it
    stub_const(name, Class.new(CrmSync::ContactSync)).tap do |sync|
      sync.contacts "Contact"
      sync.model "Teacher", foreign_key: :salesforce_contact_id
      sync.match_by(:contact_infos, column: :value, to: %w[Email]) { trust :verified }
      sync.class_exec(&declaration) # rubocop:disable Naming/BlockForwarding
    end
  end

  following = proc { reference :school, from: "AccountId", by: :salesforce_id }

  def teacher(row, **columns)
    Teacher.find(linked_user(row).id).tap { |one| one.update_columns(columns) if columns.any? }
  end

  def path
    File.join(scratch, "sync.plan")
  end

  let(:account_id) { salesforce_id("001") }
  let(:row) { contact("ann@b.edu", "AccountId" => account_id) }
  let(:sync) { teachers(&following) }

  %i[sqlite postgresql].each do |database|
    context "on #{database}" do
      with_schools(database)

      it "becomes the key of the row with the id, in either spelling, and is emptied by a blank" do
        school = School.create!(salesforce_id: account_id)
        user = teacher(row)
        salesforce_has row
        expect([sync.call.applied.map(&:after), sync.plan.changes]).to eq([[{ school_id: school.id }], []])
        other = School.create!(salesforce_id: salesforce_id("001").first(15))
        salesforce_has row.merge("AccountId" => CrmSync::RecordId.long(other.salesforce_id))
        sync.call
        expect(user.reload.school_id).to eq(other.id)
        salesforce_has row.merge("AccountId" => nil)
        expect(sync.plan.changes.map(&:budgets)).to eq([[:clear]])
        sync.call
        expect([user.reload.school_id, sync.plan.changes]).to eq([nil, []])
      end

      it "stays as it is where no row has the id, or several have, with an issue that counts the users" do
        old = School.create!(salesforce_id: salesforce_id("001"))
        2.times { School.create!(salesforce_id: twice) }
        users = [row, contact(nil, "AccountId" => account_id), contact(nil, "AccountId" => twice)]
                .tap { |rows| salesforce_has(*rows) }.map { |one| teacher(one, school_id: old.id) }
        run = sync.call
        expect([run.status, users.map { |user| user.reload.school_id }.uniq]).to eq([:unchanged, [old.id]])
        expect(run.issues.map { |issue| [issue.kind, issue.field, issue.users] })
          .to eq([[:missing_reference, "school_id", users.map(&:id)]])
        expect(run.issues.first.message).to include("school_id stays as it is for 3 users", account_id, twice)
        expect(run.ledger[:users].notes).to include(missing_references: 3)
        expect(sync.explain(users.first.id)).to include("school_id stays as it is: no row that it could refer to, or")
      end

      let(:twice) { salesforce_id("001") }

      it "takes a number for the same number only" do
        by_code = teachers("CodeSync") { reference :school, from: "Code__c", by: :code }
        school = School.create!(code: 42)
        user = teacher(row)
        { "42" => school.id, "42nd" => school.id, nil => nil }.each do |code, stands|
          salesforce_has row.merge("Code__c" => code)
          by_code.call
          expect(user.reload.school_id).to eq(stands)
        end
      end

      it "keeps plans in files, and can be undone" do
        school = School.create!(salesforce_id: account_id)
        user = teacher(row)
        salesforce_has row
        sync.plan.save(path)
        run = CrmSync::Plan.load(path).apply
        expect([run.status, user.reload.school_id]).to eq([:applied, school.id])
        run.undo!
        expect([user.reload.school_id, sync.call.applied]).to eq([nil, []])
      end

      it "is left out of a plan from a file where the row has another id, or the file names none" do
        School.create!(salesforce_id: account_id)
        user = teacher(row)
        salesforce_has row
        sync.plan.save(path)
        School.update_all(salesforce_id: salesforce_id("001"))
        expect(CrmSync::Plan.load(path).apply.stale.values)
          .to eq(["the row that school_id is to refer to is gone, or has another salesforce_id now"])
        header, change = File.readlines(path).map { |line| JSON.parse(line) }.first(2)
        change["premises"].delete("references")
        text = [header, change].map { |line| "#{JSON.generate(line)}\n" }.join
        File.write(path, "#{text}#{JSON.generate(seal: CrmSync::Signature.of(text))}\n")
        expect(CrmSync::Plan.load(path).apply.stale.size).to eq(1)
        expect(user.reload.school_id).to be_nil
      end

      it "counts for each budget as many as a new plan does" do
        School.create!(salesforce_id: account_id)
        teacher(row, school_id: School.first.id)
        salesforce_has row
        counts = CrmSync::Contacts::Populations.new(CrmSync::Contacts::Schema.new(sync.declaration))
        expect(each_budget(counts)).to eq(could_suffer_of(sync.plan))
      end

      it "is the model's of the subclass that says another one" do
        stub_const("Tutor", Class.new(ApplicationRecord) do
          self.table_name = "users"
          has_many :contact_infos, foreign_key: :user_id, inverse_of: false
          belongs_to :school, optional: true, foreign_key: :salesforce_lead_id
        end)
        variant = stub_const("TutorSync", Class.new(sync))
        variant.model "Tutor", foreign_key: :salesforce_contact_id
        expect([sync, variant].map { |made| made.declaration.columns }).to eq([[:school_id], [:salesforce_lead_id]])
      end
    end
  end

  context "with both ways of writing" do
    with_schools(:postgresql)

    def both_ways(declaration)
      BothWriters::WAYS.to_h { |way| [way, teachers(&declaration).tap { |made| made.write way }] }
    end

    { "is written alike" => [-> {}, nil],
      "is stale where the row is gone meanwhile" => [-> { School.delete_all }, :stale],
      "is stale where the row has another id meanwhile" => [-> { School.update_all(salesforce_id: "001") }, :stale],
      "is not stale where the row has another name meanwhile" => [-> { School.update_all(name: "x") }, nil],
      "is not stale where the id is spelled otherwise meanwhile" => [
        -> { School.update_all("salesforce_id = LEFT(salesforce_id, 15)") }, nil
      ] }.each do |case_of, (meanwhile, stale)|
      it case_of do
        school = School.create!(salesforce_id: account_id)
        user = teacher(row)
        empty = teacher(other = contact(nil, "AccountId" => nil), school_id: school.id)
        salesforce_has row, other
        results = write_both(both_ways(following)) { instance_exec(&meanwhile) }
        expect(results[:set_based]).to eq(results[:records])
        stands = results[:records][:users].to_h { |one| one.values_at("id", "school_id") }
        expect(stands).to eq(user.id => stale ? nil : school.id, empty.id => nil)
      end
    end
  end

  describe "a mistake" do
    with_schools(:sqlite)

    {
      "reference :scool, from: \"AccountId\", by: :salesforce_id" =>
        ["reference :scool: Teacher has no belongs_to :scool; did you mean :school?"],
      "reference :contact_infos, from: \"AccountId\", by: :value" =>
        ["Teacher has no belongs_to :contact_infos; there are [:school, :active_school"],
      "reference :school_id, from: \"AccountId\", by: :salesforce_id" =>
        ["Teacher has no belongs_to :school_id; name the association, :school"],
      "attribute :school, from: \"AccountId\"" =>
        ["school is a belongs_to; write it as: reference :school, from: \"AccountId\", by: …"],
      "reference :active_school, from: \"AccountId\", by: :code" => ["it is no belongs_to of Teacher that is neither"],
      "reference :academy, from: \"AccountId\", by: :code" => ["the class Academy is not there; correct class_name:"],
      "reference :school, from: \"AccountId\", by: :salesforceid" =>
        ["schools has no column salesforceid; did you mean salesforce_id?"],
      "reference :school, from: :AccountId, by: :code" => ["reference :school: :AccountId is not a field"],
      "reference :school, from: \"AccountId\"" => ["reference: missing keyword: :by"],
      "reference nil, from: \"AccountId\", by: :code" => ["reference names a belongs_to of the model, and is given"],
      "2.times { reference :school, from: \"A\", by: :code }" => ["reference :school: it is declared already"],
      "reference :school, from: \"A\", by: :code; attribute :school_id, from: \"B\"" =>
        ["school_id has an attribute already; keep one"]
    }.each do |written, parts|
      it "is told for: #{written}" do
        salesforce_has row
        told = begin
          teachers { class_eval(written, "app/syncs/teacher_sync.rb", 7) }.plan
        rescue CrmSync::MappingError => e
          e.message
        end
        expect(told).to start_with("app/syncs/teacher_sync.rb:7: ").and include(*parts)
        expect(told.lines.size).to eq(1)
      end
    end
  end
end
