# frozen_string_literal: true

require "rails_helper"
require "support/host_world"

# A host whose migrations are pending, as on the first morning.
RSpec.describe CrmSync::Contacts::TableCheck do
  include HostWorld

  def drop(table)
    tables.drop_table(table)
    people_models
  end

  on_each_host_database do
    it "says which table is not there, and what to run, whatever is called" do
      people_table
      drop(:people)
      sync = person_sync
      salesforce_has
      message = /_world\.rb:\d+: the database has no table people, in which Person has its records; run .*db:migrate/
      calls = [-> { sync.plan }, -> { sync.call }, -> { sync.explain(1) }, -> { sync.call(only: Person.all) }]
      calls.each { |call| expect(&call).to raise_error(CrmSync::MappingError, message) }
      expect(sync.doctor.problems.map(&:to_s)).to contain_exactly(/problem: declaration: .*#{message}/)
    end

    it "goes on in the same process when the table has been created" do
      people_table
      drop(:mails)
      sync = person_sync
      expect_refusal(sync, "the database has no table mails, in which Mail has its records")
      tables.create_table(:mails) { |t| [t.bigint(:person_id), t.string(:address)] }
      expect(sync.plan.changes).to eq([])
    end

    it "says it of each table that a declaration leads to, in its line" do
      people_table { |t| t.bigint :school_id }
      stub_const("School", Class.new(ActiveRecord::Base))
      stub_const("Sheet", Class.new(ActiveRecord::Base))
      Person.belongs_to :school
      Person.has_one :sheet, -> { where(name: "sf") }
      sync = stub_const("FarSync", Class.new(CrmSync::ContactSync))
      sync.contacts "Contact"
      sync.model "Person", foreign_key: :value, through: :sheet
      sync.match_by(:mails, column: :address, to: "Email")
      sync.reference :school, from: "AccountId", by: :number
      salesforce_has
      expect { sync.plan }.to raise_error(CrmSync::MappingError) { |error|
        expect(error.message.scan(/_spec\.rb:\d+: the database has no table (\w+)/)).to eq([["sheets"], ["schools"]])
      }
    end

    it "finds what a through association passes, and the columns that lead there" do
      people_table { |t| t.bigint :home_id }
      stub_const("Home", Class.new(ActiveRecord::Base) { has_many :letters })
      stub_const("Letter", Class.new(ActiveRecord::Base))
      Person.belongs_to :home
      Person.has_many :letters, through: :home
      sync = stub_const("LetterSync", Class.new(CrmSync::ContactSync))
      sync.contacts "Contact"
      sync.model "Person", foreign_key: :contact
      sync.match_by(:letters, column: :address, to: "Email")
      tables.create_table(:letters) { |t| t.string(:address) }
      expect_refusal(sync, "the database has no table homes, in which Home has its records")
      tables.create_table(:homes)
      expect_refusal(sync, "match_by: :letters needs a column that letters does not have, home_id; add it, or correct")
    end

    it "says that a row of another table has no user" do
      people_table
      tables.remove_column(:mails, :person_id)
      people_models
      sync = person_sync
      expect_refusal(sync, "match_by: :mails needs a column that mails does not have, person_id; add it, or correct")
      expect(sync.doctor.problems.map(&:topic)).to eq(%w[declaration])
    end

    it "refuses a model that has no table" do
      people_table
      stub_const("Person", Class.new(ActiveRecord::Base) { self.abstract_class = true })
      expect_refusal(person_sync, "Person has no table of its own; name a model that has")
    end
  end
end
