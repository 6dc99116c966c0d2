# frozen_string_literal: true

require "rails_helper"
require "support/host_world"

# Hosts in which the database finds other values equal than the core does, counts other rows, or does not know an
# operator. Whoever is read, the plan is the same.
RSpec.describe "a host whose users are read by need" do
  include HostWorld

  def need
    stub_const("CrmSync::Contacts::Need::FEW", -1)
    stub_const("CrmSync::Contacts::Need::SHARE", 1_000.0)
  end

  # Plans, once with everybody and once by need, and returns the latter.
  def plan_of(sync)
    all = sync.plan
    need
    sync.plan.tap { |plan| expect(told(plan)).to eq(told(all)) }
  end

  def told(plan)
    [plan.changes.map(&:to_h), plan.issues.map(&:to_h), could_suffer_of(plan)]
  end

  def could_suffer(sync) = could_suffer_of(plan_of(sync))

  # Who gets a contact.
  def linked(plan) = plan.changes.select { |change| change.action == :link }.map(&:key)

  def level_sync(&more)
    person_sync do
      attribute :level, from: "Level__c", privileged: "gold"
      instance_exec(&more) if more
    end
  end

  # Has PostgreSQL take another letter case for the same.
  def without_case(table, *columns)
    tables.execute("CREATE COLLATION IF NOT EXISTS without_case " \
                   "(provider = icu, locale = 'und-u-ks-level2', deterministic = false)")
    columns.each { |column| collate(table, column, "without_case") }
  end

  def collate(table, column, collation)
    tables.execute("ALTER TABLE #{table} ALTER #{column} TYPE varchar COLLATE \"#{collation}\"")
    people_models
  end

  on_host_postgresql do
    it "may have columns of several collations" do
      people_table { |t| [t.string(:level), t.string(:name)] }
      collate(:people, :level, "C")
      collate(:people, :name, "de-x-icu")
      ann = person("ann@b.edu", name: "Ann")
      salesforce_has contact("ann@b.edu", "Name__c" => "Änne")
      expect(linked(plan_of(level_sync { attribute :name, from: "Name__c" }))).to eq([ann.id])
    end

    it "may have two users whose rows differ by letter case only, where a collation takes them for equal" do
      people_table { |t| [t.string(:level), t.string(:code)] }
      without_case(:people, :level)
      tables.execute("ALTER TABLE people ALTER id TYPE varchar")
      people_models
      %w[ann ANN].each_with_index { |id, n| person("p#{n}@b.edu", id:) }
      tables.execute("ALTER TABLE mails ALTER person_id TYPE varchar")
      Mail.delete_all
      %w[ann ANN].each_with_index do |id, n|
        tables.execute("INSERT INTO mails (person_id, address) VALUES ('#{id}', 'p#{n}@b.edu')")
      end
      salesforce_has contact("p0@b.edu"), contact("p1@b.edu")
      expect(linked(plan_of(level_sync))).to eq(%w[ANN ann])
    end

    it "may have keys in a column whose collation takes other texts for equal" do
      uuids = Array.new(2) { SecureRandom.uuid }
      people_table { |t| [t.string(:level), t.string(:uuid), t.string(:number)] }
      without_case(:people, :uuid, :number)
      people = [person(nil, uuid: uuids[0].upcase), person(nil, uuid: "{#{uuids[1]}}"), person(nil, number: "07")]
      salesforce_has contact(nil, "Uuid__c" => uuids[0]), contact(nil, "Uuid__c" => uuids[1]),
                     contact(nil, "Number__c" => 7)
      sync = level_sync do
        match_by :uuid, to: "Uuid__c", as: :uuid
        match_by :number, to: "Number__c", as: :integer
      end
      expect(linked(plan_of(sync))).to eq(people.map(&:id))
      expect(sync.call).to have_attributes(errors: [], stale: {}, applied: have_attributes(size: 3))
    end

    it "may have domains, whose collation Rails does not know" do
      people_table { |t| [t.string(:level), t.string(:number)] }
      without_case(:people, :level)
      tables.execute("CREATE DOMAIN anycase AS text COLLATE without_case")
      %w[people.level people.number mails.address].map { |name| name.split(".") }.each do |table, column|
        tables.execute("ALTER TABLE #{table} ALTER #{column} TYPE anycase")
      end
      people_models
      people = [person("Ann@b.edu", level: "gold"), person(nil, number: "07", level: "GOLD")]
      salesforce_has contact("ann@B.edu", "Level__c" => "silver"), contact(nil, "Number__c" => 7)
      sync = level_sync { match_by :number, to: "Number__c", as: :integer }
      plan = plan_of(sync)
      expect(linked(plan)).to eq(people.map(&:id))
      expect(could_suffer_of(plan)).to include(demote: 1)
    end

    it "may have a key of a type that Rails does not know" do
      tables.enable_extension("isn")
      people_table { |t| [t.string(:level), t.column(:book, "isbn13")] }
      ann = nil
      expect { ann = person(nil, book: "978-0-393-04002-9") }.to output(/failed to recognize type/).to_stderr
      person(nil, book: "978-0-306-40615-7")
      salesforce_has contact(nil, "Book__c" => "978-0-393-04002-9")
      sync = level_sync { match_by :book, to: "Book__c", as: :text }
      expect(linked(plan_of(sync))).to eq([ann.id])
      expect(sync.call).to have_attributes(errors: [], stale: {}, applied: have_attributes(size: 1))
    end

    { "citext" => -> { tables.execute("ALTER TABLE people ALTER level TYPE citext") },
      "a collation without case" => -> { without_case(:people, :level) } }.each do |what, change|
      it "is counted for budgets with the letter case that counts for the core, with #{what}" do
        tables.enable_extension("citext")
        people_table { |t| t.string(:level) }
        instance_exec(&change)
        people_models
        ["gold", "GOLD", "Gold", "silver", nil].each_with_index { |level, n| person("p#{n}@b.edu", level:) }
        salesforce_has contact("p1@b.edu", "Level__c" => "silver")
        sync = level_sync do
          budget :gilded, level: "gold"
          unmatched set: { level: "Silver" }
        end
        expect(could_suffer(sync)).to include(demote: 1, gilded: 4, sweep: 4)
      end
    end

    it "is counted for budgets with texts that a collation takes for empty" do
      tables.execute("CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level1', deterministic = false)")
      people_table { |t| t.string(:level) }
      collate(:people, :level, "loose")
      ["\u00AD", "gold", "\u3000", "", nil].each { |level| person(nil, level:) }
      salesforce_has contact("ann@b.edu")
      expect(could_suffer(level_sync { unmatched set: { level: "silver" } })).to include(clear: 2, sweep: 2)
    end

    it "is counted for budgets by floats of fewer digits than Ruby's, also without prepared statements" do
      people_table { |t| [t.string(:level), t.column(:score, :real)] }
      [0.1, 0.1, 0.2, nil].each { |score| person(nil, score:) }
      salesforce_has contact("ann@b.edu")
      sync = level_sync do
        attribute :score, from: "Score__c", privileged: [0.1, 0.3]
        budget :tenth, score: 0.1
        unmatched set: { score: 0.2 }
      end
      counted = tables.unprepared_statement { could_suffer(sync) }
      expect(counted).to include(demote: 2, tenth: 2, sweep: 2)
    end
  end

  on_each_host_database do |kind|
    { "a join that repeats users" => -> { joins("JOIN mails own ON own.person_id = people.id") },
      "a list of columns" => -> { select(:id, :contact) } }.each do |what, scope|
      it "is counted for budgets once, with #{what} in the default scope" do
        people_table { |t| t.string(:level) }
        levels = ["gold", "gold", "silver", "lead", nil]
        people = levels.map.with_index { |level, n| person("p#{n}@b.edu", level:) }
        people.each { |one| Mail.create!(person_id: one.id, address: "other#{one.id}@b.edu") }
        Person.class_eval { default_scope(&scope) }
        salesforce_has contact("p1@b.edu", "Level__c" => "silver")
        sync = level_sync do
          budget :gilded, level: "gold"
          unmatched set: { level: "silver" }
        end
        expect(could_suffer(sync)).to include(effects: 5, clear: 4, demote: 2, gilded: 3, sweep: 3)
      end
    end

    it "may have a scope that says something else each time that it is asked, as one does at midnight" do
      people_table { |t| t.string(:level) }
      people = Array.new(4) { |n| person("p#{n}@b.edu", level: n.odd? ? "a" : "b") }
      times = 0
      Person.scope(:todays, -> { where(level: (times += 1).odd? ? "a" : "b") })
      salesforce_has(*Array.new(4) { |n| contact("p#{n}@b.edu", "Level__c" => "gold") })
      need
      plan = level_sync { unmatched set: { level: nil }, scope: :todays }.plan
      expect(linked(plan)).to eq(people.map(&:id))
    end

    it "is counted for budgets by a privileged value that is false" do
      people_table { |t| [t.string(:level), t.boolean(:banned)] }
      [false, false, true, nil].each { |banned| person(nil, banned:) }
      salesforce_has contact("ann@b.edu")
      sync = level_sync { attribute :banned, from: "Banned__c", privileged: false }
      expect(could_suffer(sync)).to include(demote: 2)
    end

    it "is counted for budgets without values that its enum does not know" do
      people_table { |t| [t.string(:level), t.integer(:grade)] }
      person_enum(:grade, { none: 0, low: 1 })
      5.times { person }
      tables.execute("UPDATE people SET grade = id - #{Person.minimum(:id)}")
      salesforce_has contact("ann@b.edu")
      sync = level_sync { unmatched set: { grade: :none } }
      expect(could_suffer(sync)).to include(clear: 2, sweep: 1)
    end

    it "is counted for budgets without names that its enum has in another letter case" do
      people_table { |t| [t.string(:level), t.string(:grade, collation: ("NOCASE" if kind == :sqlite))] }
      without_case(:people, :grade) if kind == :postgresql
      person_enum(:grade, { none: "none", low: "low" })
      %w[low LOW None none].each do |grade|
        tables.execute("UPDATE people SET grade = '#{grade}' WHERE id = #{person.id}")
      end
      salesforce_has contact("ann@b.edu")
      sync = level_sync { unmatched set: { grade: :none } }
      expect(could_suffer(sync)).to include(clear: 2, sweep: 1)
    end

    it "is read whole where a type of its own says what NULL is" do
      people_table { |t| [t.string(:level), t.integer(:seats)] }
      none = Class.new(ActiveRecord::Type::Integer) { def deserialize(value) = value.to_i }
      Person.attribute :seats, none.new
      [nil, 0, 3].each { |seats| person.update_columns(seats:) }
      salesforce_has contact("ann@b.edu")
      sync = level_sync { budget :empty, seats: 0 }
      sync.class_exec { attribute :seats, from: "Seats__c", blank: :keep }
      expect(could_suffer(sync)).to include(empty: 1)
    end
  end

  context "on SQLite" do
    using_database :sqlite, fresh: true

    it "may have bytes where the column holds texts, which read as one" do
      people_table { |t| [t.string(:level), t.string(:code), t.string(:number), t.string(:uuid), t.string(:lead)] }
      uuid = SecureRandom.uuid
      made = lead(nil)
      values = { code: "A7", number: "7", uuid:, lead: made["Id"] }
      people = values.to_h { |name, text| [name, person.tap { |one| as_bytes(one, name, text) }] }
      salesforce_has made, contact(nil, "Code__c" => "A7"), contact(nil, "Number__c" => "7"),
                     contact(nil, "Uuid__c" => uuid)
      sync = level_sync do
        match_by :code, to: "Code__c", as: :text
        match_by :number, to: "Number__c", as: :integer
        match_by :uuid, to: "Uuid__c", as: :uuid
        leads "Lead", foreign_key: :lead
        lead_status(from: "Status") { otherwise set: { level: "asked" } }
      end
      expect(plan_of(sync).changes.to_h { |change| [change.key, change.action] })
        .to eq(people.to_h { |name, one| [one.id, name == :lead ? :lead : :link] })
    end

    def as_bytes(person, column, text)
      tables.execute("UPDATE people SET #{column} = x'#{text.unpack1("H*")}' WHERE id = #{person.id}")
    end
  end
end
